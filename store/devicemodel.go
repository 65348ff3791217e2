package store

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"haochaping/regulation"
)

// deviceModels are the makes that may be registered, and which grade each key of a keypad is. A make that is not
// there takes a line, never a guess.
//
//go:embed device_models.csv
var deviceModels string

// DeviceModels lists them in the order of the file.
var DeviceModels = readDeviceModels()

func readDeviceModels() []regulation.DeviceModel {
	rows, err := csv.NewReader(strings.NewReader(deviceModels)).ReadAll()
	if err != nil {
		panic(err) // embedded: any test finds it
	}
	var models []regulation.DeviceModel
	for _, row := range rows[1:] {
		levels, err := regulation.ParseLevels(row[4])
		if err != nil {
			panic(fmt.Sprintf("device_models.csv: %s: %v", row[0], err))
		}
		models = append(models, regulation.DeviceModel{Model: row[0], Kind: regulation.DeviceKind(row[1]), NameZH: row[2], NameEN: row[3], Levels: levels})
	}
	return models
}

// DeviceModelOf finds a make.
func DeviceModelOf(model string) (regulation.DeviceModel, bool) {
	at := slices.IndexFunc(DeviceModels, func(m regulation.DeviceModel) bool { return m.Model == model })
	if at < 0 {
		return regulation.DeviceModel{}, false
	}
	return DeviceModels[at], true
}
