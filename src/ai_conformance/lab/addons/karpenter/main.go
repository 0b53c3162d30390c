// Karpenter with its kwok provider, whose instance types also say which DRA devices their nodes will publish.
//
// The provider's own file of instance types has no words for devices, and Karpenter makes no node for a claim unless
// it knows beforehand that the node's devices would satisfy it.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"
	"unique"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/utils/clock"
	kwok "sigs.k8s.io/karpenter/kwok/cloudprovider"
	"sigs.k8s.io/karpenter/pkg/cloudprovider"
	"sigs.k8s.io/karpenter/pkg/cloudprovider/overlay"
	"sigs.k8s.io/karpenter/pkg/controllers"
	"sigs.k8s.io/karpenter/pkg/controllers/state"
	"sigs.k8s.io/karpenter/pkg/operator"
)

const slicesFile = "LAB_RESOURCE_SLICES_FILE"

// nodeSlice is what the driver of a node of one instance type will publish: the spec of a ResourceSlice, in short.
type nodeSlice struct {
	Driver  string              `json:"driver"`
	Devices []resourcev1.Device `json:"devices"`
}

func (s nodeSlice) template() *cloudprovider.ResourceSliceTemplate {
	made := &cloudprovider.ResourceSliceTemplate{
		Driver: unique.Make(s.Driver),
		Pool:   cloudprovider.ResourcePool{Name: unique.Make("node")},
	}
	for _, device := range s.Devices {
		made.Devices = append(made.Devices, cloudprovider.Device{
			Name:       unique.Make(device.Name),
			Attributes: device.Attributes,
			Capacity:   device.Capacity,
		})
	}
	return made
}

func instanceTypes(ctx context.Context) ([]*cloudprovider.InstanceType, error) {
	types, err := kwok.ConstructInstanceTypes(ctx)
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(os.Getenv(slicesFile))
	if err != nil {
		return nil, fmt.Errorf("%s has to name a file: %w", slicesFile, err)
	}
	slices := map[string][]nodeSlice{}
	if err := json.Unmarshal(content, &slices); err != nil {
		return nil, fmt.Errorf("reading the devices of instance types: %w", err)
	}
	for _, one := range types {
		for _, slice := range slices[one.Name] {
			one.DynamicResources.ResourceSliceTemplates = append(
				one.DynamicResources.ResourceSliceTemplates, slice.template())
		}
	}
	return types, nil
}

// secondLook is how long Karpenter waits before it looks again whether a node is still to go; fifteen seconds of its own.
const secondLook = time.Second

// hurried is a clock that tells the time and is impatient.
type hurried struct{ clock.Clock }

func (h hurried) After(d time.Duration) <-chan time.Time { return h.Clock.After(min(d, secondLook)) }

func main() {
	ctx, op := operator.NewOperator()
	op.Clock = hurried{op.Clock}
	types, err := instanceTypes(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	provider := kwok.NewCloudProvider(ctx, op.GetClient(), types)
	decorated := overlay.Decorate(provider, op.GetClient(), op.InstanceTypeStore)
	cluster := state.NewCluster(op.Clock, op.GetClient(), decorated)
	op.WithControllers(ctx, controllers.NewControllers(
		ctx, op.Manager, op.Clock, op.GetClient(), op.EventRecorder, decorated, provider, cluster, op.InstanceTypeStore,
	)...).Start(ctx)
}
