// Package api is the HTTP side of the product: the route table, what requests and answers look
// like, sessions, problems. JSON and HTML come from the same handler: one permission check, one
// masked view of a resource, two renderings.
//
// Who may stands in policies, when an act is open in regulation, what is kept in store, how a
// page looks in web. This package asks them in that order and answers.
package api
