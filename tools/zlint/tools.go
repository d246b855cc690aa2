//go:build tools

// Package tools names the linter for certificates that the tests build from this module.
package tools

import _ "github.com/zmap/zlint/v3/cmd/zlint"
