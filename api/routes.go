package api

import (
	"net/http"

	"haochaping/policies"
	"haochaping/regulation"
)

// Besides the permissions of policies.csv, a route is open to:
const (
	anybody   = "anybody"    // no session is looked at
	public    = "public"     // anybody; who is signed in is greeted by name
	byReceipt = "by_receipt" // whoever typed a receipt a moment ago
	signedIn  = "signed_in"  // any account
	thatAct   = "that_act"   // whom policies allow the act that the address names
	// ownAccount is any account, also one whose first password is to be changed: nothing else is
	// open to that.
	ownAccount = "own_account"
)

// route is one line of the product's map.
type route struct {
	Method string
	Path   string
	May    string // permission, or one of the words above
	Limit  limit  // counted per address
	Do     func(*API, *request) (answer, error)
}

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// routes is everything that the product answers, and who may ask. Reading it is reading the
// interface: openapi.yaml has the same lines, and a test holds the two together. Whoever may
// reach a route at all may still find that an object lies outside their area: then it is 404.
var routes = []route{
	// The citizen rates, keeps a receipt, and sees how the case stands.
	{get, "/", public, unlimited, (*API).showHome},
	{post, "/r", public, limitReceipts, (*API).findCode},
	{get, "/r/:code", anybody, unlimited, (*API).showRate},
	{post, "/ratings", anybody, limitRatings, (*API).rate},
	{get, "/thanks", anybody, unlimited, (*API).showThanks},
	{get, "/receipt", public, unlimited, (*API).showReceipt},
	{post, "/receipt", public, limitReceipts, (*API).typeReceipt},
	{get, "/receipt/status", byReceipt, unlimited, (*API).showStatus},
	{get, "/receipt/documents/:document", byReceipt, unlimited, withDocument((*API).receiptCase, (*API).readDocument)},
	{get, "/receipt/documents/:document/word", byReceipt, unlimited, withDocument((*API).receiptCase, (*API).wordDocument)},
	{get, "/receipt/proof", byReceipt, unlimited, (*API).readProof},
	{post, "/receipt/acts/:act", byReceipt, limitReceipts, (*API).receiptAct},
	{post, "/receipt/consents", byReceipt, limitReceipts, (*API).answerPlatformConsent},
	{post, "/receipt/contact/erase", byReceipt, limitReceipts, (*API).eraseContact},
	{get, "/privacy", public, unlimited, (*API).showPrivacy},
	{get, "/write-offs", public, unlimited, (*API).showWriteOffs},
	{get, "/rules", anybody, unlimited, (*API).showRules},
	{get, "/checkpoints", anybody, unlimited, (*API).showCheckpoints},
	{get, "/checkpoints/:size", anybody, unlimited, (*API).readCheckpoint},
	{get, "/checkpoints/:size/extends/:earlier", anybody, unlimited, (*API).proveExtends},
	{get, "/portraits/:file", anybody, unlimited, (*API).showPortrait},
	{get, "/codes/:file", anybody, unlimited, (*API).showCode},

	// A handled matter by number and name, and the slips and codes that lead to a rating (6(3)).
	{get, "/matter", public, unlimited, (*API).showMatter},
	{post, "/matter", public, limitReceipts, (*API).openMatter},
	{get, "/slips", policies.PrintSlip, unlimited, (*API).showSlips},
	{get, "/slips/:code", policies.PrintSlip, unlimited, (*API).showSlip},
	{post, "/codes/:kind/:id/replace", policies.ReplaceCode, unlimited, (*API).replaceCode},

	// Other systems send ratings and reports of handled matters, signed (6(3)); the operator's page of them.
	{post, "/inbound/ratings", anybody, unlimited, (*API).inboundRatings},
	{post, "/inbound/matters", anybody, unlimited, (*API).inboundMatters},
	{get, "/inbound", policies.ViewInbound, unlimited, (*API).showInbound},
	{post, "/inbound/mend", policies.MendInbound, unlimited, (*API).mendInbound},

	// The hotline: what callers rate, bound to the call; the call system's events (6(4)).
	{get, "/hotline", policies.TranscribeHotline, unlimited, (*API).showHotline},
	{post, "/hotline/find", policies.TranscribeHotline, unlimited, (*API).findRated},
	{post, "/hotline/ratings", policies.TranscribeHotline, unlimited, (*API).rateByCall},
	{post, "/hotline/calls", anybody, unlimited, (*API).inboundCalls},
	{post, "/demo/calls", policies.TranscribeHotline, unlimited, (*API).demoCall},

	// Staff sign in.
	{get, "/sign-in", public, unlimited, (*API).showSignIn},
	{post, "/sign-in", public, limitSignIns, (*API).signIn},
	{get, passwordPath, ownAccount, unlimited, (*API).showPassword},
	{post, passwordPath, ownAccount, limitSignIns, (*API).changePassword},
	{post, "/sign-out", public, unlimited, (*API).signOut},
	{post, "/preferences", public, unlimited, (*API).preferences},
	{get, "/demo/sign-ins", public, unlimited, (*API).showDemo},
	{get, "/drill", public, unlimited, (*API).showDrill},
	{post, "/demo/sign-ins", public, limitSignIns, (*API).enterDemo},

	// Cases, tasks, acts and evidence.
	{get, "/inbox", policies.ViewInbox, unlimited, (*API).showInbox},
	{post, "/tasks/:id/claim", policies.ViewInbox, unlimited, (*API).claimTask},
	{post, "/tasks/:id/take-over", policies.ViewInbox, unlimited, (*API).takeOverTask},
	{post, "/tasks/:id/release", policies.ViewInbox, unlimited, (*API).releaseTask},
	{get, "/cases", policies.ViewCase, unlimited, (*API).showCases},
	{get, "/cases/register", policies.ViewCase, unlimited, (*API).showRegister},
	{get, "/cases/:id", policies.ViewCase, unlimited, (*API).showCase},
	{get, "/cases/:id/print", policies.ViewCase, unlimited, (*API).showCaseFile},
	{get, "/cases/:id/standing", policies.ViewCase, unlimited, (*API).showStanding},
	{post, "/cases/:id/acts/:act", thatAct, unlimited, (*API).doAct},
	{get, "/acts/:id", signedIn, unlimited, (*API).showAct},
	{post, "/cases/:id/contact", policies.DialRater, unlimited, (*API).showContact},
	{post, "/cases/:id/call", policies.DialRater, unlimited, (*API).callRater},
	{get, "/dialing", policies.AssignDialing, unlimited, (*API).showDialing},
	{post, "/dialing", policies.AssignDialing, unlimited, (*API).assignDialing},
	{get, "/redactions", policies.RedactComments, unlimited, (*API).showRedactions},
	{post, "/redactions/:id", policies.RedactComments, unlimited, (*API).redact},
	{get, "/reveals", policies.ViewReveals, unlimited, (*API).showReveals},
	{post, "/reveals", policies.AskReveal, unlimited, (*API).askReveal},
	{post, "/reveals/:id/decision", policies.ApproveReveal, unlimited, (*API).decideReveal},
	{post, "/reveals/:id/contact", policies.AskReveal, unlimited, (*API).readReveal},
	{get, "/cases/:id/documents", policies.ViewCase, unlimited, (*API).showDocuments},
	{post, "/cases/:id/documents", policies.ViewCase, unlimited, (*API).issueDocument},
	{get, "/cases/:id/documents/:document", policies.ViewCase, unlimited, withDocument((*API).askedCase, (*API).readDocument)},
	{get, "/cases/:id/documents/:document/word", policies.ViewCase, unlimited, withDocument((*API).askedCase, (*API).wordDocument)},
	{get, "/document-templates", policies.EditTemplates, unlimited, (*API).showTemplates},
	{post, "/document-templates", policies.EditTemplates, unlimited, (*API).setMark},
	{get, "/document-templates/:kind", policies.EditTemplates, unlimited, (*API).showTemplate},
	{post, "/document-templates/:kind", policies.EditTemplates, unlimited, (*API).saveTemplate},
	{post, "/files", policies.StageFile, unlimited, (*API).stageFile},
	{get, "/cases/:id/files/:digest", policies.ViewCase, unlimited, (*API).showFile},
	{get, "/cases/:id/archives/:version", policies.DownloadArchive, unlimited, (*API).showArchive},
	{get, "/events", policies.ViewCase, unlimited, (*API).showEvents},

	// The rated side, the level above, the discipline officer.
	{get, "/own-ratings", policies.ViewOwnRatings, unlimited, (*API).showOwnRatings},
	{get, "/notices", policies.ViewNotices, unlimited, (*API).showNotices},
	{get, "/notices/:id", policies.ViewNotices, unlimited, (*API).showNotice},
	{get, "/notices/:id/documents/:document", policies.ViewNotices, unlimited, withDocument((*API).noticeCase, (*API).readDocument)},
	{get, "/notices/:id/documents/:document/word", policies.ViewNotices, unlimited, withDocument((*API).noticeCase, (*API).wordDocument)},
	{get, "/messages", signedIn, unlimited, (*API).showMessages},
	{get, "/escalations", policies.ViewEscalations, unlimited, (*API).showEscalations},
	{get, "/discipline", policies.ViewDiscipline, unlimited, (*API).showDiscipline},

	// The watch list.
	{get, "/watch", policies.ViewWatch, unlimited, (*API).showWatch},
	{get, "/watch/new", policies.KeepWatch, unlimited, (*API).showNewWatch},
	{post, "/watch", policies.KeepWatch, unlimited, (*API).putOnWatch},
	{get, "/watch/:id", policies.ViewWatch, unlimited, (*API).showListing},
	{post, "/watch/:id/inspections", policies.KeepWatch, unlimited, (*API).inspect},
	{post, "/watch/:id/release", policies.KeepWatch, unlimited, (*API).proposeRelease},
	{post, "/watch/:id/release/decision", policies.KeepWatch, unlimited, (*API).decideRelease},

	// Signs of cheating.
	{get, "/probes", policies.ViewProbes, unlimited, (*API).showProbes},
	{get, "/probes/new", policies.KeepProbes, unlimited, (*API).showNewProbe},
	{post, "/probes", policies.KeepProbes, unlimited, (*API).openProbe},
	{get, "/probes/:id", policies.ViewProbes, unlimited, (*API).showProbe},
	{post, "/probes/:id/:act", policies.ViewProbes, unlimited, (*API).doProbe},
	{post, "/people/:person/phone", policies.ManagePeople, unlimited, (*API).setStaffPhone},
	// Hearings of opinions and what came of them, joint rectifications, the publication calendar, commendations.
	{get, "/opinions", public, unlimited, (*API).showOpinions},
	{get, "/changes", public, unlimited, (*API).showChanges},
	{get, "/published", public, unlimited, (*API).showPublished},
	{get, "/board", anybody, unlimited, (*API).showBoards},
	{get, "/board/:period", anybody, unlimited, (*API).showBoard},
	{get, "/board/:period/data.json", anybody, unlimited, (*API).readBoard},
	{get, "/board/:period/data.csv", anybody, unlimited, (*API).readBoardTable},
	{get, "/boards", policies.ViewBoards, unlimited, docketRoute(regulation.DocketBoard, (*API).showDockets)},
	{get, "/boards/new", policies.KeepBoards, unlimited, (*API).showNewBoard},
	{post, "/boards", policies.KeepBoards, unlimited, (*API).draftBoard},
	{get, "/boards/:id", policies.ViewBoards, unlimited, docketRoute(regulation.DocketBoard, (*API).showDocket)},
	{post, "/boards/:id/:act", policies.KeepBoards, unlimited, docketRoute(regulation.DocketBoard, (*API).doDocket)},
	{get, "/honours", policies.ViewHonours, unlimited, docketRoute(regulation.DocketHonour, (*API).showDockets)},
	{get, "/honours/candidates", policies.ViewHonours, unlimited, (*API).showCandidates},
	{get, "/honours/new", policies.KeepHonours, unlimited, (*API).showNewHonour},
	{post, "/honours", policies.KeepHonours, unlimited, (*API).nominate},
	{get, "/honours/:id", policies.ViewHonours, unlimited, docketRoute(regulation.DocketHonour, (*API).showDocket)},
	{post, "/honours/:id/:act", policies.KeepHonours, unlimited, docketRoute(regulation.DocketHonour, (*API).doDocket)},
	{get, "/inspections", policies.ViewBoards, unlimited, docketRoute(regulation.DocketInspection, (*API).showDockets)},
	{get, "/inspections/new", policies.KeepBoards, unlimited, (*API).showNewInspection},
	{post, "/inspections", policies.KeepBoards, unlimited, (*API).enterInspection},
	{get, "/inspections/:id", policies.ViewBoards, unlimited, docketRoute(regulation.DocketInspection, (*API).showDocket)},
	{post, "/inspections/:id/:act", policies.KeepBoards, unlimited, docketRoute(regulation.DocketInspection, (*API).doDocket)},
	{get, "/inspections/:id/files/:digest", policies.ViewBoards, unlimited, docketRoute(regulation.DocketInspection, (*API).showDocketFile)},
	{get, "/commended", public, unlimited, (*API).showCommended},
	{get, "/public/figures", public, unlimited, (*API).showPublicFigures},
	{get, "/public/figures.csv", public, unlimited, (*API).exportPublicFigures},
	{get, "/public/formulae", public, unlimited, (*API).showFormulae},
	{get, "/public/feed", public, unlimited, (*API).showFeed},
	{get, "/open-data", public, unlimited, (*API).showOpenData},
	{get, "/public/bulletins", public, unlimited, (*API).showPublicBulletins},
	{get, "/public/bulletins/:id", public, unlimited, (*API).showPublicBulletin},
	{get, "/public/releases", public, unlimited, (*API).showPublicReleases},
	{get, "/bulletins", policies.ViewBulletins, unlimited, docketRoute(regulation.DocketBulletin, (*API).showDockets)},
	{get, "/bulletins/new", policies.KeepBulletins, unlimited, (*API).showNewBulletin},
	{post, "/bulletins", policies.KeepBulletins, unlimited, (*API).draftBulletin},
	{get, "/bulletins/:id", policies.ViewBulletins, unlimited, docketRoute(regulation.DocketBulletin, (*API).showDocket)},
	{get, "/bulletins/:id/paper", policies.ViewBulletins, unlimited, (*API).showBulletinPaper},
	{post, "/bulletins/:id/:act", policies.KeepBulletins, unlimited, docketRoute(regulation.DocketBulletin, (*API).doDocket)},
	{get, "/releases", policies.ViewReleases, unlimited, docketRoute(regulation.DocketRelease, (*API).showDockets)},
	{get, "/releases/new", policies.KeepReleases, unlimited, (*API).showNewRelease},
	{post, "/releases", policies.KeepReleases, unlimited, (*API).draftRelease},
	{get, "/releases/:id", policies.ViewReleases, unlimited, docketRoute(regulation.DocketRelease, (*API).showDocket)},
	{post, "/releases/:id/:act", policies.ViewReleases, unlimited, docketRoute(regulation.DocketRelease, (*API).doDocket)},
	{get, "/hearings", policies.ViewHearings, unlimited, (*API).showHearings},
	{get, "/hearings/new", policies.KeepHearings, unlimited, (*API).showNewHearing},
	{post, "/hearings", policies.KeepHearings, unlimited, (*API).recordHearing},
	{get, "/hearings/:id", policies.ViewHearings, unlimited, docketRoute(regulation.DocketHearing, (*API).showDocket)},
	{post, "/hearings/:id/problems", policies.KeepHearings, unlimited, (*API).raiseProblem},
	{post, "/hearings/:id/:act", policies.KeepHearings, unlimited, docketRoute(regulation.DocketHearing, (*API).doDocket)},
	{get, "/hearings/:id/files/:digest", policies.ViewHearings, unlimited, docketRoute(regulation.DocketHearing, (*API).showDocketFile)},
	{get, "/hearing-problems", policies.ViewProblems, unlimited, docketRoute(regulation.DocketProblem, (*API).showDockets)},
	{get, "/hearing-problems/:id", policies.ViewProblems, unlimited, docketRoute(regulation.DocketProblem, (*API).showDocket)},
	{post, "/hearing-problems/:id/:act", policies.ViewProblems, unlimited, docketRoute(regulation.DocketProblem, (*API).doDocket)},
	{get, "/joint", policies.ViewJoint, unlimited, docketRoute(regulation.DocketJoint, (*API).showDockets)},
	{get, "/joint/causes", policies.KeepJoint, unlimited, (*API).showCauses},
	{get, "/joint/new", policies.KeepJoint, unlimited, (*API).showNewJoint},
	{post, "/joint", policies.KeepJoint, unlimited, (*API).gatherCases},
	{get, "/joint/:id", policies.ViewJoint, unlimited, docketRoute(regulation.DocketJoint, (*API).showDocket)},
	{post, "/joint/:id/:act", policies.ViewJoint, unlimited, docketRoute(regulation.DocketJoint, (*API).doDocket)},
	{get, "/publications", policies.ViewPublications, unlimited, docketRoute(regulation.DocketPublication, (*API).showDockets)},
	{get, "/publications/:id", policies.ViewPublications, unlimited, docketRoute(regulation.DocketPublication, (*API).showDocket)},
	{post, "/publications/:id/:act", policies.KeepPublications, unlimited, docketRoute(regulation.DocketPublication, (*API).doDocket)},
	{get, "/publications/:id/files/:digest", policies.ViewPublications, unlimited, docketRoute(regulation.DocketPublication, (*API).showDocketFile)},
	{get, "/commendations", policies.ViewCommendations, unlimited, docketRoute(regulation.DocketCommendation, (*API).showDockets)},
	{get, "/commendations/new", policies.KeepCommendations, unlimited, (*API).showNewCommendation},
	{post, "/commendations", policies.KeepCommendations, unlimited, (*API).proposeCommendation},
	{get, "/commendations/:id", policies.ViewCommendations, unlimited, docketRoute(regulation.DocketCommendation, (*API).showDocket)},
	{post, "/commendations/:id/:act", policies.KeepCommendations, unlimited, docketRoute(regulation.DocketCommendation, (*API).doDocket)},

	// Devices: what they send, the register, and who is at the window.
	{post, "/device/enrolments", anybody, limitReceipts, (*API).enrolDevice},
	{post, "/device/messages", anybody, unlimited, (*API).receiveMessage},
	{get, "/evaluator", anybody, unlimited, (*API).showEvaluator},
	{get, "/evaluator-worker.js", anybody, unlimited, (*API).evaluatorWorker},
	{post, "/demo/evaluators", public, limitSignIns, (*API).demoEvaluator},
	{get, "/window", policies.ServeWindow, unlimited, (*API).showWindow},
	{post, "/window/take", policies.ServeWindow, unlimited, (*API).takeWindow},
	{post, "/window/leave", policies.ServeWindow, unlimited, (*API).leaveWindow},
	{post, "/window/invitations", policies.ServeWindow, unlimited, (*API).inviteRating},
	{get, "/devices", policies.ViewDevices, unlimited, (*API).showDevices},
	{get, "/devices/new", policies.KeepDevices, unlimited, (*API).showNewDevice},
	{post, "/devices", policies.KeepDevices, unlimited, (*API).registerDevice},
	{get, "/devices/repairs", policies.ViewDevices, unlimited, (*API).showRepairs},
	{get, "/devices/availability", policies.ViewDevices, unlimited, (*API).showAvailability},
	{get, "/devices/availability.csv", policies.ViewDevices, unlimited, (*API).exportAvailability},
	{post, "/devices/hours", policies.KeepDevices, unlimited, (*API).setHallHours},
	{get, "/devices/:id", policies.ViewDevices, unlimited, (*API).showDevice},
	{post, "/devices/:id/code", policies.KeepDevices, unlimited, (*API).issueCode},
	{post, "/devices/:id/repairs", policies.KeepDevices, unlimited, (*API).openRepair},
	{post, "/devices/:id/repairs/:step", policies.ViewDevices, unlimited, (*API).stepRepair},
	{post, "/devices/:id/move", policies.KeepDevices, unlimited, (*API).moveDevice},
	{post, "/devices/:id/retire", policies.KeepDevices, unlimited, (*API).retireDevice},

	// Statistics.
	{get, "/dashboard", policies.ViewDashboard, unlimited, (*API).showDashboard},
	{get, "/dashboard/county/:area", policies.ViewDashboard, unlimited, (*API).showCountyDashboard},
	{get, "/dashboard/unit/:id", policies.ViewDashboard, unlimited, (*API).showUnitDashboard},
	{get, "/dashboard/window/:id", policies.ViewDashboard, unlimited, (*API).showWindowDashboard},
	{get, "/dashboard/staff/:id", policies.ViewDashboard, unlimited, (*API).showStaffDashboard},
	{get, "/dashboard/decisions", policies.ViewFigures, unlimited, (*API).showDecisions},
	{get, "/figures", policies.ViewFigures, unlimited, (*API).showFigures},
	{get, "/figures.csv", policies.ViewFigures, unlimited, (*API).exportFigures},
	{get, "/performance", policies.ViewPerformance, unlimited, (*API).showPerformance},
	{get, "/performance.csv", policies.ViewPerformance, unlimited, (*API).exportPerformance},
	{get, "/sealed", policies.ViewFigures, unlimited, (*API).showSeals},
	{get, "/sealed/:area/:period", policies.ViewFigures, unlimited, (*API).showSealed},

	// Suggestion boxes.
	{get, "/coverage", policies.ViewCoverage, unlimited, (*API).showCoverage},
	{get, "/coverage.csv", policies.ViewCoverage, unlimited, (*API).exportCoverage},
	{get, "/boxes", policies.ViewBox, unlimited, (*API).showBoxes},
	{post, "/boxes", policies.ManageBoxes, unlimited, (*API).registerBox},
	{post, "/boxes/:id/keeper", policies.ManageBoxes, unlimited, (*API).keepBox},
	{post, "/boxes/:id/state", policies.ManageBoxes, unlimited, (*API).setBoxState},
	{post, "/boxes/:id/move", policies.ManageBoxes, unlimited, (*API).moveBox},
	{get, "/boxes/summary", policies.ViewBox, unlimited, (*API).showBoxSummary},
	{get, "/boxes/summary.csv", policies.ViewBox, unlimited, (*API).exportBoxSummary},
	{get, "/boxes/:id", policies.ViewBox, unlimited, (*API).showBox},
	{get, "/boxes/:id/photo", policies.ViewBox, unlimited, (*API).showBoxPhoto},
	{post, "/boxes/:id/photo", policies.RunBox, unlimited, (*API).setBoxPhoto},
	{post, "/boxes/:id/batches", policies.RunBox, unlimited, (*API).issueBatch},
	{get, "/boxes/:id/batches/:batch/print", policies.RunBox, unlimited, (*API).printBatch},
	{post, "/boxes/:id/batches/:batch/close", policies.RunBox, unlimited, (*API).closeBatch},
	{post, "/boxes/:id/openings", policies.RunBox, unlimited, (*API).recordOpening},
	{get, "/openings", signedIn, unlimited, (*API).showReports},
	{post, "/openings/:id/answer", signedIn, unlimited, (*API).answerOpening},
	{post, "/openings/:id/decision", policies.DecideOpenings, unlimited, (*API).decideOpening},

	// Paper forms from boxes: entered by one, checked by another, decided by a third where those differ.
	{get, "/paper", policies.DecidePaper, unlimited, (*API).showPaper},
	{get, "/paper/openings/:id", policies.TranscribePaper, unlimited, (*API).showPaperForm},
	{post, "/paper/openings/:id/scans", policies.TranscribePaper, unlimited, (*API).addPaperScans},
	{post, "/paper/openings/:id/entries", policies.TranscribePaper, unlimited, (*API).enterPaper},
	{get, "/paper/openings/:id/template.xlsx", policies.TranscribePaper, unlimited, (*API).showPaperTemplate},
	{get, "/paper/openings/:id/import", policies.TranscribePaper, unlimited, (*API).showPaperImport},
	{post, "/paper/openings/:id/import", policies.TranscribePaper, unlimited, (*API).importPaper},
	{post, "/paper/entries/:id/scan", policies.TranscribePaper, unlimited, (*API).givePaperScan},
	{get, "/paper/check", policies.TranscribePaper, unlimited, (*API).showPaperCheck},
	{get, "/paper/decide", policies.DecidePaper, unlimited, (*API).showPaperDecide},
	{post, "/paper/entries/:id/check", policies.TranscribePaper, unlimited, (*API).checkPaper},
	{post, "/paper/entries/:id/decide", policies.DecidePaper, unlimited, (*API).decidePaper},
	{get, "/paper/scans/:digest", policies.DecidePaper, unlimited, (*API).showPaperScan},

	// What is kept, and how long.
	{get, "/retention", policies.ViewRetention, unlimited, (*API).showRetention},
	{post, "/retention/holds", policies.HoldRetention, unlimited, (*API).holdCase},
	{post, "/retention/holds/:id/lift", policies.HoldRetention, unlimited, (*API).liftHold},

	// Other channels, codes to print, what is wrong.
	{get, "/codes", policies.ViewCodes, unlimited, (*API).showCodes},
	{get, "/alarms", policies.ViewAlarms, unlimited, (*API).showAlarms},

	// The working calendar, the parameters' editions, and what other ones would change.
	{get, "/calendar", policies.ViewRules, unlimited, (*API).showCalendar},
	{post, "/calendar", policies.ProposeCalendar, unlimited, (*API).proposeCalendar},
	{post, "/calendar/check", policies.ProposeCalendar, unlimited, (*API).checkCalendar},
	{get, "/calendar/:id", policies.ViewRules, unlimited, (*API).showCalendarNotice},
	{post, "/calendar/:id/decision", policies.ViewRules, unlimited, (*API).decideCalendar},
	{get, "/editions", policies.ViewRules, unlimited, (*API).showEditions},
	{post, "/editions", policies.ProposeEdition, unlimited, (*API).proposeEdition},
	{post, "/editions/:id/decision", policies.ViewRules, unlimited, (*API).decideEdition},
	{post, "/editions/:id/revocation", policies.ProposeEdition, unlimited, (*API).proposeRevocation},
	{get, "/what-if", policies.WhatIf, unlimited, (*API).showWhatIf},
	{post, "/what-if", policies.WhatIf, unlimited, (*API).askWhatIf},

	// Who is away, and who stands in.
	{get, "/absence", signedIn, unlimited, (*API).showAbsence},
	{post, "/absence", signedIn, unlimited, (*API).enterAbsence},
	{get, "/substitutions", policies.ManageAbsences, unlimited, (*API).showSubstitutions},
	{post, "/substitutions", policies.ManageAbsences, unlimited, (*API).enterSubstitution},
	{post, "/substitutions/:id/revoke", signedIn, unlimited, (*API).revokeAbsence},

	// How people are told outside the product.
	{get, "/notifications", signedIn, unlimited, (*API).showNotifications},
	{post, "/notifications", signedIn, unlimited, (*API).setNotifications},
	{get, "/notifications/deliveries", policies.ViewExchange, unlimited, (*API).showNoticeDeliveries},
	{post, "/notifications/deliveries/again", policies.ManageExchange, unlimited, (*API).resendNotice},
	{post, "/notifications/:way", signedIn, limitSignIns, (*API).setNotificationAddress},
	{post, "/notifications/:way/confirm", signedIn, limitSignIns, (*API).confirmNotificationAddress},
	{post, "/notifications/:way/forget", signedIn, unlimited, (*API).forgetNotificationAddress},

	// People and the audit log.
	{get, "/people", policies.ManagePeople, unlimited, (*API).showPeople},
	{get, "/people/new", policies.ManagePeople, unlimited, (*API).showNewPerson},
	{post, "/people", policies.ManagePeople, unlimited, (*API).createPerson},
	{post, "/people/:person/appoint", policies.ManagePeople, unlimited, (*API).appointPerson},
	{post, "/people/:person/dismiss", policies.ManagePeople, unlimited, (*API).dismissPerson},
	{get, "/people/:person", policies.ManagePeople, unlimited, (*API).showPerson},
	{post, "/people/:person/disable", policies.ManagePeople, unlimited, (*API).disablePerson},
	{post, "/people/:person/password", policies.ManagePeople, unlimited, (*API).resetPassword},
	{post, "/people/:person/enable", policies.ManagePeople, unlimited, (*API).enablePerson},
	{post, "/people/:person/absence", policies.ManagePeople, unlimited, (*API).enterPersonAbsence},
	{get, "/audit", policies.ViewAudit, unlimited, (*API).showAudit},
	{get, "/checks", policies.ViewChecks, unlimited, (*API).showChecks},

	// The exchange with the provincial platform.
	{get, "/exchange", policies.ViewExchange, unlimited, (*API).showExchange},
	{post, "/exchange/:upstream/again", policies.ManageExchange, unlimited, (*API).resend},
	{get, "/exchange/:upstream/replay", policies.ManageExchange, unlimited, (*API).showReplay},
	{post, "/exchange/:upstream/replay", policies.ManageExchange, unlimited, (*API).replay},

	// Lists as files.
	{get, "/exports", signedIn, unlimited, (*API).showExports},
	{post, "/exports", signedIn, unlimited, (*API).export},
	{post, "/exports/:id/cancel", signedIn, unlimited, (*API).cancelExport},
	{get, "/exports/:id/file", signedIn, unlimited, (*API).downloadExport},

	// The product itself.
	{get, "/healthz", anybody, unlimited, (*API).healthy},
	{get, "/readyz", anybody, unlimited, (*API).ready},
	{get, "/metrics", anybody, unlimited, (*API).metrics},
	{get, "/openapi.yaml", anybody, unlimited, (*API).openapi},
	{get, "/problems/:code", public, unlimited, (*API).showProblem},
	{get, "/static/:name", anybody, unlimited, (*API).static},
}
