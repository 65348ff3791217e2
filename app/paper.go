package app

import "context"

// watchPaper tells of paper forms that are not counted in time.
func (a *App) watchPaper(ctx context.Context) error {
	_, err := a.record.WatchPaper(ctx)
	return err
}
