package api_test

import (
	"archive/zip"
	"bytes"
	"testing"
	"time"

	"haochaping/store"
)

// archive takes what is pending into the ledger and writes the packages of closed cases.
func (o *office) archive() {
	o.t.Helper()
	token, _, err := o.record.AcquireLease(o.t.Context(), store.LeaseSequencer, "tester", time.Minute)
	must(o.t, err)
	_, _, err = o.record.IntegrateLeaves(o.t.Context(), token, 500)
	must(o.t, err)
	token, _, err = o.record.AcquireLease(o.t.Context(), store.LeaseArchive, "tester", time.Minute)
	must(o.t, err)
	_, err = o.record.ArchiveCases(o.t.Context(), token, 10, func(store.Archived) ([]byte, error) { return []byte("<p>"), nil })
	must(o.t, err)
}

// names are the files of a package.
func names(t *testing.T, g got) map[string]bool {
	t.Helper()
	if kind := g.header.Get("Content-Type"); kind != "application/zip" {
		t.Errorf("a package of type %q", kind)
	}
	z, err := zip.NewReader(bytes.NewReader(g.body), int64(len(g.body)))
	must(t, err)
	found := map[string]bool{}
	for _, f := range z.File {
		found[f.Name] = true
	}
	return found
}

func TestArchivePackageIsHandedOutToSupervisorsAndAuditors(t *testing.T) {
	o := setup(t)
	receipt, id := o.rateBadly()
	o.as("kd-supervisor-1").get("/cases/" + id + "/archives/1").want(404)
	o.walk(receipt, id, "")
	o.archive()
	at := "/cases/" + id + "/archives/1"
	if found := names(t, o.as("kd-supervisor-1").get(at).want(200)); !found["rater.json"] || !found["index.json"] || !found["manifest.json"] {
		t.Errorf("the authority gets %v", found)
	}
	if found := names(t, o.as("kd-auditor").get(at).want(200)); found["rater.json"] || !found["rater.sealed"] {
		t.Errorf("the auditor gets %v", found)
	}
	for login, status := range map[string]int{"kd-verifier-1": 403, "kd-psb-head": 403, "ld-supervisor-1": 404, "gz-supervisor-1": 200} {
		o.as(login).get(at).want(status)
	}
	o.as("kd-supervisor-1").get("/cases/" + id + "/archives/2").want(404)
	o.as("kd-supervisor-1").get("/cases/" + id + "/archives/x").want(404)
	o.as("kd-verifier-1").get("/cases/" + id).want(200).hides(`"archives"`)
	o.browsing("kd-auditor").get("/cases/"+id).want(200).shows("下载第 1 版", at)
	o.as("kd-auditor").get("/audit?action=open_archive").want(200).shows(`"purpose":"sealed"`, `"purpose":"opened"`)
}
