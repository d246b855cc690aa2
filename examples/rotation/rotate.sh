#!/usr/bin/env bash
# One step of a rotation: the one that the stack's settings name. It ends at the first thing that is not as it should be, and
# can be run again from there.
#   rotate.sh review    for a pull request: what the step changes, and who must restart
#   rotate.sh apply     after its merge
# PULUMI_STACK names the stack, MACHINES the file that knows the machines (./machines.sh).
set -euo pipefail

# What the next step waits for.
declare -A next=([now]="" [sign]=distrust [distrust]=retire [retire]="")

review() {
  # A refused preview ends with an error. The review says why.
  pulumi preview --json > "$work/preview.json" || true
  npx etcd-pki review "$work/preview.json" --fail-on refusal,removal
}

untilHealthy() {
  local tries
  for ((tries = 60; tries > 0; tries--)); do
    if healthy "$1" > /dev/null 2>&1; then return; fi
    sleep 1
  done
  echo "$1 is not healthy a minute after its restart. The other members were left as they are." >&2
  exit 1
}

apply() {
  local name step
  step=$(pulumi config get step)
  review
  pulumi up --yes --skip-preview --suppress-outputs
  npx etcd-pki files --stack "$PULUMI_STACK" --directory "$work/{identity}"
  for name in "${members[@]}" "${clients[@]}"; do deliver "$name" "$work/$name"; done
  case $step in
    sign) for name in "${clients[@]}"; do restart "$name"; done ;;
    distrust) for name in "${members[@]}"; do restart "$name" && untilHealthy "$name"; done ;;
  esac
  if [ -n "${next[$step]}" ]; then
    npx etcd-pki ready --for "${next[$step]}" --stack "$PULUMI_STACK" --endpoint "${endpoints[@]}" \
      --client "${clients[@]}" --restarted "${clients[@]}"
  fi
}

# shellcheck source=machines.sh
source "${MACHINES:-./machines.sh}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

case "${1:-}" in
  review) review ;;
  apply) apply ;;
  *)
    echo "usage: rotate.sh review|apply" >&2
    exit 2
    ;;
esac
