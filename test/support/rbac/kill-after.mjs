// For NODE_OPTIONS=--import: the process dies right after its KILL_AFTER_CHANGE-th change of users and roles.
import Module from "node:module";

const last = Number(process.env.KILL_AFTER_CHANGE ?? 0);
const isChange = /^(auth(En|Dis)able|(user|role)(Add|Delete|Grant|Revoke))/;
const load = Module._load;
let changes = 0;

if (last > 0)
  Module._load = function (request, parent, isMain) {
    const loaded = load.call(this, request, parent, isMain);
    if (request.endsWith("connection-pool") && !loaded.ConnectionPool.isWatched) watch(loaded.ConnectionPool);
    return loaded;
  };

function watch(pool) {
  pool.isWatched = true;
  const exec = pool.prototype.exec;
  pool.prototype.exec = async function (service, method, ...rest) {
    const answer = await exec.call(this, service, method, ...rest);
    if (isChange.test(method) && ++changes === last) process.kill(process.pid, "SIGKILL");
    return answer;
  };
}
