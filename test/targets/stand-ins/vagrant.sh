#!/bin/sh
# Stands in for vagrant: remembers snapshots in the working folder, and gives the ssh-config that $SSH_CONFIG names.
echo "$* (${CROSSBPF_EBPF_VERSION:-no version})" >>"$VAGRANT_LOG"
case "$1 $2" in
"snapshot list") cat .vagrant/snapshots 2>/dev/null || echo "==> default: VM not created. Moving on..." ;;
"snapshot save")
	mkdir -p .vagrant
	shift 3
	for name; do :; done
	echo "$name" >>.vagrant/snapshots
	;;
"up --provision") if [ -e broken ]; then echo "The provider is not there." >&2; exit 1; fi ;;
ssh-config*) cat "$SSH_CONFIG" ;;
esac
