// Package platform talks to an upstream platform such as the province's: every rating, and every outcome of
// a bad one's case, as the national exchange record (9(3), R55). What differs between upstreams is a Mapping
// in a file and no code. Nothing about a rater is sent: a mapping that asks for it is refused (9(2), R50).
//
// A batch is one signed POST with {"records": [...]}; the answer names each record: {"results": [{"id": ...,
// "result": "accepted" | "duplicate" | "refused" | "later", "code": ...}]}. A record keeps its id however
// often it is sent. An upstream that does not know a record again by its id is asked first, by {"ids":
// [...]}, which of them it holds: {"held": [...]}.
package platform
