package workflows

import (
	"math"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"haochaping/activities"
	"haochaping/regulation"
)

// At first a recording runs within the workflow task: that costs the engine about half of what
// an ordinary activity costs. It must be over well before the task's own timeout of 10 s.
var swift = workflow.LocalActivityOptions{
	StartToCloseTimeout:    2 * time.Second,
	ScheduleToCloseTimeout: 5 * time.Second,
	RetryPolicy: &temporal.RetryPolicy{
		InitialInterval: 50 * time.Millisecond,
		MaximumAttempts: 3,
	},
}

// What fails there goes on as an ordinary activity for as long as the record is away. The pause
// is short enough that a case goes on soon after the record is back.
var patient = workflow.ActivityOptions{
	StartToCloseTimeout: 30 * time.Second,
	RetryPolicy: &temporal.RetryPolicy{
		InitialInterval:    500 * time.Millisecond,
		BackoffCoefficient: 2,
		MaximumInterval:    10 * time.Second,
		// Without end. Zero would say the same to the engine, but ten to the SDK's test engine.
		MaximumAttempts: math.MaxInt32,
	},
}

// recordSurely returns the step, or an error that repeating would not mend.
func recordSurely(ctx workflow.Context, activity any, e activities.Entry) (regulation.Step, error) {
	var step regulation.Step
	local := workflow.WithLocalActivityOptions(ctx, swift)
	err := workflow.ExecuteLocalActivity(local, activity, e).Get(ctx, &step)
	if err == nil || activities.Code(err) != "" {
		return step, err
	}
	ordinary := workflow.WithActivityOptions(ctx, patient)
	err = workflow.ExecuteActivity(ordinary, activity, e).Get(ctx, &step)
	return step, err
}
