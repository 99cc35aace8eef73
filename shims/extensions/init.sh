# Starts the external extensions of an instance, and its runtime when the server says so.
# Arguments: how many extensions, their paths, the runtime's command line.
# Descriptor 4 takes what extensions print. Over descriptor 5 the server says "run", "term" or "kill", which are about
# the runtime, and hears "extension <number> <status>" and "runtime <status>" when one of them has ended.

extension() {
  (
    unset AWS_EXECUTION_ENV AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME AWS_XRAY_CONTEXT_MISSING AWS_XRAY_DAEMON_ADDRESS \
      _AWS_XRAY_DAEMON_ADDRESS _AWS_XRAY_DAEMON_PORT LAMBDA_RUNTIME_DIR LAMBDA_TASK_ROOT _HANDLER
    exec "$2" >&4 2>&4 3>&- 4>&- 5>&-
  ) 2>/dev/null
  echo "extension $1 $?" >&5
}

runtime() {
  # The shell's own remarks about signals are no output of the function.
  exec 6>&2 2>/dev/null
  "$@" 2>&6 4>&- 5>&- 6>&- &
  child=$!
  trap 'kill -TERM "$child"' TERM
  trap 'kill -KILL "$child"' HUP
  while :; do
    wait "$child"
    status=$?
    kill -0 "$child" || break
  done
  echo "runtime $status" >&5
}

left=$1
number=0
shift
while [ "$number" -lt "$left" ]; do
  extension "$number" "$1" &
  number=$((number + 1))
  shift
done

started=
while read -r order <&5; do
  case $order in
    run)
      runtime "$@" &
      started=$!
      ;;
    term) [ -z "$started" ] || kill -TERM "$started" ;;
    kill) [ -z "$started" ] || kill -HUP "$started" ;;
  esac
done
