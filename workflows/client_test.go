package workflows

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"haochaping/activities"
	"haochaping/regulation"
)

func TestRefusalOfTheEnginesErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want regulation.Code // "" where the error is no refusal
	}{
		{"refused by the validator", activities.Refuse(regulation.NotNow), regulation.NotNow},
		{"failed for good", fmt.Errorf("update: %w", activities.Refuse(regulation.NotFound)), regulation.NotFound},
		{"frontend away", serviceerror.NewUnavailable("connection refused"), regulation.Unavailable},
		{"too busy", &serviceerror.ResourceExhausted{}, regulation.Unavailable},
		{"too slow", serviceerror.NewDeadlineExceeded("late"), regulation.Unavailable},
		{"run closed meanwhile", fmt.Errorf("failed workflow update: %w", serviceerror.NewNotFound("completed")), regulation.Unavailable},
		{"not waited for", context.DeadlineExceeded, regulation.Unavailable},
		{"client gone", context.Canceled, regulation.Unavailable},
		{"wrong namespace", serviceerror.NewNamespaceNotFound("nowhere"), ""},
		{"error that would have been retried", temporal.NewApplicationError("the record is away", "unavailable"), ""},
		{"malformed request", serviceerror.NewInvalidArgument("id"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := refusal("submit act", c.err)
			var got *regulation.Error
			if errors.As(err, &got) != (c.want != "") || got != nil && got.Code != c.want {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if c.want == "" && !errors.Is(err, c.err) {
				t.Errorf("the cause is lost: %v", err)
			}
		})
	}
	if err := refusal("submit act", nil); err != nil {
		t.Errorf("success became %v", err)
	}
}
