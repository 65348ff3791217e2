// Package trial makes up a quarter of ratings in which it is known who cheated, and tells how well the
// signals of 9(2) find them: precision and recall by kind. Nobody in it exists.
package trial
