"""A run inside the cluster that it judges: what is applied for it, what goes on in its pod, how its results come out.

    objects      the Job, pure; `sonobuoy` the same container as a plugin of Sonobuoy
    layout       which files are where in the pod, and how a run in it ended
    conducting   in the pod: the run, then its results, then waiting for somebody who takes them
    standing     outside: what the state of the pod means
    fetching     outside: waits for the run, and takes its results out by exec

Results leave the pod by exec. The log has room for lines only and is rotated by the kubelet; a volume would have to be
provisioned first, and an upload somewhere would need credentials in the pod.
"""
