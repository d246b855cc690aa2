#!/usr/bin/env bash
# The weekly update: renews what is due, and nothing else. It ends with an error if more than that would change, if the update
# fails, or if a certificate is near its end all the same. PULUMI_STACK names the stack.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A refused preview ends with an error. The review says why.
pulumi preview --json > "$work/preview.json" || true
npx etcd-pki review "$work/preview.json" --fail-on authority,removal,key,permission,refusal
pulumi up --yes --skip-preview --suppress-outputs
npx etcd-pki expiry --stack "$PULUMI_STACK"
