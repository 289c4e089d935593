#!/bin/sh
# Stands in for cmd.exe behind OpenSSH on Windows (as sshd's ForceCommand): knows the few commands that crossbpf gives it.
# $1: the user's folder; $2: what serves in the place of an agent; $3: what echo prints.
cd "$1" || exit 1
printf '%s\n' "$SSH_ORIGINAL_COMMAND" >>"$1/commands"
case $SSH_ORIGINAL_COMMAND in
internal-sftp | *sftp-server*) exec /usr/lib/openssh/sftp-server ;;
"echo crossbpf="*) printf '%s\r\n' "$3" ;;
'AppData\Local\crossbpf\agent-'*'.exe serve') exec "$2" serve ;;
*)
	echo "'${SSH_ORIGINAL_COMMAND%% *}' is not recognized as an internal or external command," >&2
	exit 1
	;;
esac
