package api

import "regexp"

// Spreadsheet is the table that offices download.
var Spreadsheet = spreadsheet

var part = regexp.MustCompile(`:(\w+)`)

// RouteNames lists the route table in the words of openapi.yaml.
func RouteNames() []string {
	var names []string
	for _, r := range routes {
		names = append(names, r.Method+" "+part.ReplaceAllString(r.Path, "{$1}"))
	}
	return names
}
