# What rotate.sh needs to know of the machines. Write yours.
members=(etcd-1 etcd-2 etcd-3)
clients=(my-app)
endpoints=(https://10.0.0.1:2379 https://10.0.0.2:2379 https://10.0.0.3:2379)

# deliver NAME FOLDER: brings the files of a member or client to its machine. Nothing restarts.
deliver() { rsync --archive --chmod=F600 "$2/" "root@$1:/etc/etcd/pki/"; }

# restart NAME
restart() { ssh "root@$1" systemctl restart etcd; }

# healthy NAME: whether a member answers, and the cluster has a leader.
healthy() { ssh "root@$1" etcdctl endpoint health; }
