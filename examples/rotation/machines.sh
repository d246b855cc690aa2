# What rotate.sh needs to know of the machines. Write yours.
members=(etcd-1 etcd-2 etcd-3)
clients=(my-app root)
endpoints=(https://10.0.0.1:2379 https://10.0.0.2:2379 https://10.0.0.3:2379)

# deliver NAME FOLDER: brings the files of a member or client to where it runs. Nothing restarts.
deliver() {
  case $1 in
    root) mkdir -p ~/.etcd && cp "$2"/* ~/.etcd/ ;;
    *) rsync --archive "$2/" "root@$1:/etc/etcd/pki/" ;;
  esac
}

# restart NAME
restart() {
  case $1 in
    # etcdctl reads its files each time.
    root) ;;
    etcd-*) ssh "root@$1" systemctl restart etcd ;;
    *) ssh "root@$1" systemctl restart "$1" ;;
  esac
}

# healthy NAME: whether a member answers, and the cluster has a leader.
healthy() {
  etcdctl --endpoints="https://$1:2379" --cacert ~/.etcd/ca.pem --cert ~/.etcd/root.pem --key ~/.etcd/root-key.pem endpoint health
}
