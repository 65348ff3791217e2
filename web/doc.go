// Package web draws the product's pages: html/template pages, one CSS file, small ES modules,
// icons and message catalogues, all embedded. It knows no store and no HTTP framework: the
// caller fills a view (one plain struct a page) and gives the bytes to the reader.
//
// Pages work without scripts and under a strict content security policy: no inline script, no
// inline style. Codes (roles, phases, acts, options) become sentences only here, in the
// reader's language.
package web
