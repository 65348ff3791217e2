package app

import (
	"context"

	"haochaping/regulation"
	"haochaping/store/seed"
	"haochaping/web"
)

// Demo is what somebody who tries the product needs to know.
type Demo struct {
	SignIns []SignIn // one for each role that somebody holds, in the regulation's order
	Codes   []string // of windows that can be rated at /r/CODE
}

// SignIn is an account of the demo, entered by one click. RoleName, Name and Place are Chinese.
type SignIn struct {
	Role                         regulation.Role
	RoleName, Login, Name, Place string
}

// Demo returns the demo's sign-ins, none where the database is no demo or is served to others.
func (a *App) Demo(ctx context.Context) (Demo, error) {
	var d Demo
	demo, err := a.record.Demo(ctx)
	if err != nil || !demo || !a.settings.loopback() {
		return d, err
	}
	data, err := seed.Load()
	if err != nil {
		return d, err
	}
	names := map[string]string{}
	for _, org := range data.Orgs {
		names[org.ID] = org.NameZH
	}
	for _, role := range regulation.Roles {
		for _, account := range data.Accounts {
			if account.Role == role {
				d.SignIns = append(d.SignIns, SignIn{role, web.T(web.Chinese, "role."+string(role)), account.Login, account.NameZH, names[account.Place]})
				break
			}
		}
	}
	for _, window := range data.Windows[:min(2, len(data.Windows))] {
		d.Codes = append(d.Codes, window.Code)
	}
	return d, nil
}

// fillBoxes gives a demo its suggestion boxes, once; the ratings on their forms only where made-up ratings come in
// anyway. A drill has none: its time runs away from the dates on the forms.
func (a *App) fillBoxes(ctx context.Context) error {
	if a.boxesFilled || a.clock.Scale > 1 {
		return nil
	}
	demo, err := a.record.Demo(ctx)
	if err == nil && demo {
		err = a.record.FillDemoBoxes(ctx, a.settings.Simulate)
	}
	a.boxesFilled = err == nil
	return err
}

// fillDockets gives a demo with made-up ratings hearings, problems, publications and commendations, and a joint rectification
// once cases share a cause. token is that of store.LeaseDockets.
func (a *App) fillDockets(ctx context.Context, token int64) error {
	if a.docketsFilled || !a.settings.Simulate || a.clock.Scale > 1 {
		return nil
	}
	demo, err := a.record.Demo(ctx)
	if err == nil && demo {
		boards, err := a.record.FillDemoBoards(ctx)
		if err != nil {
			return err
		}
		dockets, err := a.record.FillDemoDockets(ctx, token)
		a.docketsFilled = boards && dockets
		return err
	}
	a.docketsFilled = err == nil
	return err
}

// fillProbes gives a demo with made-up ratings some that look like cheating, once, before anybody looks for signs of it.
// token is that of store.LeaseProbes.
func (a *App) fillProbes(ctx context.Context, token int64) error {
	if a.probesFilled || !a.settings.Simulate || a.clock.Scale > 1 {
		return nil
	}
	demo, err := a.record.Demo(ctx)
	if err == nil && demo {
		err = a.record.FillDemoProbes(ctx, token)
	}
	a.probesFilled = err == nil
	return err
}
