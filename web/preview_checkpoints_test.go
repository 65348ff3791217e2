package web

const (
	sampleNote = "haochaping/513300\n48213\n0yWCBNp0H2EN/Xdp1ObLmCsSLoExLNFlOMSoNXA3rEs=\n2026-03-02T02:30:00Z\n\n" +
		"— haochaping/513300 9fA1Gq9Zr1l1o3N4cJc5m6Jx0bJm7Vb0g9mB2Vw3m1lq0w3bJz5mZ3f0qk8S0q3dP8f6G0k6d2c1s0Q0J1a2b3c4d5e6f7g=\n"
	samplePublic = "haochaping/513300+f5f0351a+AbmPzZ4L0t1o3N4cJc5m6Jx0bJm7Vb0g9mB2Vw3m1lq"
)

func checkpointsView() *CheckpointsView {
	lines := []CheckpointLine{{48213, "0yWCBNp0H2EN/Xdp1ObLmCsSLoExLNFlOMSoNXA3rEs=", at("2026-03-02 10:30"), "/checkpoints/48213", 48190},
		{48190, "L2Nk0H2EN/Xdp1ObLmCsSLoExLNFlOMSoNXA3rEs0yWC=", at("2026-03-02 10:25"), "/checkpoints/48190", 0}}
	return &CheckpointsView{Page: Page{Path: "/checkpoints"}, Latest: &lines[0], Note: sampleNote, Lines: lines, Pager: Pager{Next: "/checkpoints?before=48190"},
		Keys: []SigningKeyLine{{Public: samplePublic, From: at("2026-01-05 09:00")}, {Public: samplePublic, Change: sampleNote, From: at("2026-02-01 09:00")}}}
}
