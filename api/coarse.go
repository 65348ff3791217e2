package api

import (
	"reflect"
	"time"

	"haochaping/regulation"
)

// ratedTimes is how coarsely the rated side is told times now.
func (a *API) ratedTimes(r *request) (int, error) {
	ctx := r.http().Context()
	edition, err := a.Store.CurrentEdition(ctx)
	if err != nil {
		return 0, err
	}
	params, err := a.Store.Params(ctx, edition)
	return params.Days(regulation.RatedTimes), err
}

// forRated makes every instant of a body that the rated side reads coarse, of both renderings, which are made of it
// (regulation.Coarse). A field that names a deadline, or what the reader did and has to send again, says `when:"exact"`.
func (a *API) forRated(r *request, body any) error {
	part, err := a.ratedTimes(r)
	if err == nil {
		coarsely(reflect.ValueOf(body).Elem(), part)
	}
	return err
}

// forReader does so where a case's reader is of the rated side.
func (a *API) forReader(r *request, reader regulation.Reader, body any) error {
	if !reader.ToldCoarsely() {
		return nil
	}
	return a.forRated(r, body)
}

var instantType = reflect.TypeFor[time.Time]()

func coarsely(v reflect.Value, part int) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			coarsely(v.Elem(), part)
		}
	case reflect.Slice:
		for i := range v.Len() {
			coarsely(v.Index(i), part)
		}
	case reflect.Struct:
		if v.Type() == instantType {
			v.Set(reflect.ValueOf(regulation.Coarse(v.Interface().(time.Time), part)))
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("when") != "exact" {
				coarsely(v.Field(i), part)
			}
		}
	}
}
