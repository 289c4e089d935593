#!/bin/sh
# Stands in for sshd on Windows, as the ForceCommand of one here: commands are those of cmd.exe, Wine's, and files are
# under the folder that $1 names.
cd "$1" || exit 1
case $SSH_ORIGINAL_COMMAND in
internal-sftp | *sftp-server*) exec /usr/lib/openssh/sftp-server ;;
*) exec wine cmd.exe /c "$SSH_ORIGINAL_COMMAND" ;;
esac
