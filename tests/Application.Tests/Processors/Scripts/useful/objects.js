//: keys, values and entries | {"b":1,"a":null} => {"b":1,"keys":"b,a","values":[1,null]}
record.keys = Object.keys(record).join();
record.values = Object.values(record).slice(0, 2);
for (const [k, v] of Object.entries(record)) if (v === null) delete record[k];

//: nested values are JavaScript's | {"c":{"name":"Ada","tags":["x"]}} => {"c":{"name":"ADA","tags":["x","y"],"n":2}}
record.c.name = record.c.name.toUpperCase();
record.c.tags.push('y');
record.c.n = record.c.tags.length;

//: destructuring with defaults | {"c":{"name":"Ada"},"list":[1]} => {"c":{"name":"Ada"},"list":[1],"out":["Ada","DE",1,2]}
const { c: { name, country = 'DE' }, list: [a, b = 2] } = record;
record.out = [name, country, a, b];

//: destructuring parameters | {"p":{"x":1,"y":2}} => {"p":{"x":1,"y":2},"s":3}
const sum = ({ x, y = 0 }) => x + y;
record.s = sum(record.p);

//: rest of an object | {"a":1,"b":2,"c":3} => {"a":1,"rest":{"b":2,"c":3}}
const { a, ...rest } = record;
record = { a, rest };

//: spread objects | {"a":{"x":1},"b":{"y":2}} => {"a":{"x":1},"b":{"y":2},"c":{"x":1,"y":2,"z":3}}
record.c = { ...record.a, ...record.b, z: 3 };

//: computed and shorthand properties | {"k":"name"} => {"k":"name","o":{"name":1,"x":2,"m":3}}
const x = 2;
record.o = { [record.k]: 1, x, m: { f() { return 3; } }.f() };

//: optional chaining and nullish | {"a":{"b":null}} => {"a":{"b":null},"r":[null,"none",0,"kept"]}
record.r = [record.a?.b?.c ?? null, record.z?.y ?? 'none', record.a.n ?? 0, (record.q ??= 'kept')];
delete record.q;

//: in, hasOwn and typeof | {"a":1} => {"a":1,"r":[true,false,true,"number","undefined","object"]}
record.r = ['a' in record, 'b' in record, Object.hasOwn(record, 'a'), typeof record.a, typeof record.b, typeof record];

//: rename every key | {"First-Name":"Ada","Last-Name":"L"} => {"first_name":"Ada","last_name":"L"}
record = Object.fromEntries(Object.entries(record).map(([k, v]) => [k.toLowerCase().replace(/-/g, '_'), v]));

//: copy deeply by JSON | {"a":{"b":[1.10]}} => {"a":{"b":[1.10,2]},"c":{"b":[1.1]}}
record.c = JSON.parse(JSON.stringify(record.a));
record.a.b.push(2);

//: JSON with indentation, replacer and reviver | {"a":{"x":1,"secret":2}} => {"a":{"x":1,"secret":2},"j":"{\n  \"x\": 1\n}","r":{"x":2}}
record.j = JSON.stringify(record.a, (k, v) => k === 'secret' ? undefined : v, 2);
record.r = JSON.parse('{"x":1}', (k, v) => typeof v === 'number' ? v + 1 : v);

//: JSON that is none is caught | {"j":"{"} => {"j":"{","bad":true}
try { JSON.parse(record.j); } catch (e) { record.bad = e instanceof SyntaxError; }

//: classes, inheritance, getters, statics and private fields | {"w":2,"h":3} => {"w":2,"h":3,"area":6,"kind":"Rect","n":1}
class Shape { static count = 0; constructor() { Shape.count++; } get kind() { return this.constructor.name; } }
class Rect extends Shape { #w; #h; constructor(w, h) { super(); this.#w = w; this.#h = h; } area() { return this.#w * this.#h; } }
const r = new Rect(record.w, record.h);
Object.assign(record, { area: r.area(), kind: r.kind, n: Shape.count });

//: closures and generators | {} => {"c":[1,2],"f":[1,1,2,3,5]}
const counter = () => { let n = 0; return () => ++n; };
const next = counter();
record.c = [next(), next()];
function* fibonacci() { let [a, b] = [1, 1]; for (;;) { yield a; [a, b] = [b, a + b]; } }
record.f = [];
for (const n of fibonacci()) { if (record.f.length === 5) break; record.f.push(n); }

//: recursion | {"tree":{"v":1,"children":[{"v":2,"children":[]},{"v":3,"children":[]}]}} => {"tree":{"v":1,"children":[{"v":2,"children":[]},{"v":3,"children":[]}]},"sum":6}
const sum = t => t.v + t.children.reduce((s, c) => s + sum(c), 0);
record.sum = sum(record.tree);

//: try, catch and finally | {"n":0} => {"n":0,"log":"try catch:no finally"}
let log = '';
try { log += 'try '; throw new Error('no'); } catch (e) { log += `catch:${e.message} `; } finally { log += 'finally'; }
record.log = log;

//: errors of one's own, told apart | {} => {"kind":"Mine","code":7,"is":true}
class Mine extends Error { constructor(m, code) { super(m); this.name = 'Mine'; this.code = code; } }
try { throw new Mine('x', 7); } catch (e) { record.kind = e.name; record.code = e.code; record.is = e instanceof Mine && e instanceof Error; }

//: switch | {"status":"paid"} => {"status":"paid","step":3}
switch (record.status) { case 'new': record.step = 1; break; case 'paid': case 'settled': record.step = 3; break; default: record.step = 0; }

//: symbols and iterators of one's own | {"from":1,"to":3} => {"from":1,"to":3,"all":[1,2,3]}
const range = { *[Symbol.iterator]() { for (let i = record.from; i <= record.to; i++) yield i; } };
record.all = [...range];

//: getters and setters | {"c":20} => {"c":20,"f":68}
const t = { celsius: record.c, get fahrenheit() { return this.celsius * 9 / 5 + 32; } };
record.f = t.fahrenheit;

//: Object.freeze and friends | {} => {"frozen":true,"x":1}
const o = Object.freeze({ x: 1 });
record.frozen = Object.isFrozen(o);
record.x = o.x;

//: a large statement | {"a":"1","b":"2"} => {"id":"1-2","a":"1","b":"2","sum":3,"list":["1","2","12","21"],"nested":{"x":{"y":"1"},"z":["2",["1"]]},"ok":true,"text":"a=1, b=2, c=","n":[1,2,3,4,5,6,7,8]}
record = {
  id: record.a + '-' + record.b, a: record.a.trim(), b: record.b.toUpperCase(), sum: Number(record.a) + Number(record.b),
  list: [record.a, record.b, record.a.concat(record.b), record.b + record.a], nested: { x: { y: String(record.a) }, z: [record.b, [record.a.slice(0)]] },
  ok: record.a.length === 1 && record.b.length === 1 && !record.c && [record.a, record.b].every(v => v > '0') || record.a.startsWith('9'),
  text: `a=${record.a}, b=${record.b}, c=${record.c ?? ''}`, n: [...[1, 2], ...[3].map(x => x), Math.max(4, 1), Math.min(5, 6), parseInt('6'), +'7', 2 ** 3],
};

//: statements without semicolons | {"a":1} => {"a":1,"b":2,"c":[3]}
let b = record.a + 1
record.b = b
const c = [b + 1]
record.c = c
