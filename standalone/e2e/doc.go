// Package e2e holds the end-to-end tests: the programs as they are shipped, each a process of its
// own on its own data folder, driven over HTTP and by a browser as people use them. Nothing in
// it is part of the product.
package e2e
