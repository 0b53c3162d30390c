"""Things from elsewhere: fetched with limits, unpacked with suspicion, kept in the user's cache."""
