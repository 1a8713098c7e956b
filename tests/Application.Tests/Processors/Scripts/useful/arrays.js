//: map, filter and reduce | {"items":[{"price":2.5,"n":2},{"price":1,"n":0},{"price":4,"n":1}]} => {"items":[{"price":2.5,"n":2},{"price":1,"n":0},{"price":4,"n":1}],"total":9}
record.total = record.items.filter(i => i.n > 0).map(i => i.price * i.n).reduce((a, b) => a + b, 0);

//: map with a function of its own | {"a":["x","y"]} => {"a":["x!","y!"]}
function loud(s) { return s + '!'; }
record.a = record.a.map(loud);

//: map with built-in functions | {"a":["1","2.5"," 3 "]} => {"a":[1,2.5,3],"s":["1","2"],"b":["x"]}
record.a = record.a.map(Number);
record.s = [1, 2].map(String);
record.b = ['', 'x', null, 0].filter(Boolean);

//: sort numbers, texts and objects | {"n":[10,9,1],"s":["b","a"],"o":[{"k":2},{"k":1}]} => {"n":[1,9,10],"s":["a","b"],"o":[{"k":1},{"k":2}]}
record.n.sort((a, b) => a - b);
record.s.sort();
record.o.sort((a, b) => a.k - b.k);

//: sort and reverse copies | {"a":[3,1,2]} => {"a":[3,1,2],"b":[1,2,3],"c":[2,1,3],"d":[3,9,2]}
record.b = record.a.toSorted();
record.c = record.a.toReversed();
record.d = record.a.with(1, 9);

//: includes, indexOf, find and their friends | {"a":["x","y"]} => {"a":["x","y"],"r":[true,1,"y",0,true,false,-1]}
record.r = [record.a.includes('x'), record.a.indexOf('y'), record.a.find(v => v > 'x'), record.a.findIndex(v => v === 'x'), record.a.some(v => v === 'y'), record.a.every(v => v === 'y'), record.a.lastIndexOf('z')];

//: flat, flatMap, concat, slice and splice | {"a":[[1,[2]],3]} => {"a":[[1,[2]],3],"r":[1,[2],3],"s":[1,2,3],"m":[1,10,2,20],"c":[1,2],"p":[2,3]}
record.r = record.a.flat();
record.s = record.a.flat(Infinity);
record.m = [1, 2].flatMap(x => [x, x * 10]);
record.c = [1].concat([2]);
record.p = [1, 2, 3].slice(1);
record.p.splice(0, 0);

//: push, pop, shift, unshift | {"a":[1,2]} => {"a":[0,1,3]}
record.a.push(3, 4);
record.a.pop();
record.a.unshift(0);
record.a.splice(2, 1);

//: join, also of what is nested | {"a":[1,[2,3],null,"x"]} => {"a":[1,[2,3],null,"x"],"s":"1-2,3--x","t":"1,2,3,,x","u":"1,2,3,,x!"}
record.s = record.a.join('-');
record.t = String(record.a);
record.u = record.a + '!';

//: spread and rest | {"a":[1,2,3]} => {"a":[1,2,3],"b":[0,1,2,3,4],"first":1,"rest":[2,3],"max":3}
record.b = [0, ...record.a, 4];
const [first, ...rest] = record.a;
Object.assign(record, { first, rest });
record.max = Math.max(...record.a);

//: Array.from, of, fill and entries | {} => {"a":[0,1,4],"b":["x","y"],"c":[7,7],"d":[[0,"p"],[1,"q"]],"e":[2,4]}
record.a = Array.from({ length: 3 }, (x, i) => i * i);
record.b = Array.from('xy');
record.c = new Array(2).fill(7);
record.d = [...['p', 'q'].entries()];
record.e = Array.of(1, 2).map(x => x * 2);

//: loops of every kind | {"a":[1,2,3]} => {"a":[1,2,3],"s":30}
let s = 0;
for (let i = 0; i < record.a.length; i++) s += record.a[i];
for (const x of record.a) s += x;
for (const i in record.a) s += record.a[i];
record.a.forEach(x => { s += x; });
let i = 0;
while (i < 3) s += record.a[i++];
do { s -= 0; } while (--i > 0);
record.s = s;

//: labels, break and continue | {"m":[[1,2],[3,0],[5,6]]} => {"m":[[1,2],[3,0],[5,6]],"s":6}
let s = 0;
rows: for (const row of record.m) {
  for (const n of row) {
    if (n === 0) break rows;
    if (n === 99) continue rows;
    s += n;
  }
}
record.s = s;

//: a thousand elements | {} => {"n":1000,"s":499500}
const a = Array.from({ length: 1000 }, (x, i) => i);
record.n = a.length;
record.s = a.reduce((x, y) => x + y);

//: a large array in the record | {"big":[1,2,3,4,5,6,7,8,9,10]} => {"big":[1,2,3,4,5,6,7,8,9,10],"sum":55,"last":10}
record.sum = record.big.reduce((a, b) => a + b);
record.last = record.big.at(-1);

//: sets and maps | {"tags":["b","a","b"]} => {"tags":["b","a"],"has":true,"n":2,"counts":{"b":2,"a":1}}
const counts = new Map();
for (const t of record.tags) counts.set(t, (counts.get(t) || 0) + 1);
record.tags = [...new Set(record.tags)];
record.has = new Set(record.tags).has('a');
record.n = counts.size;
record.counts = Object.fromEntries(counts);

//: reduce to an object | {"rows":[{"k":"a","v":1},{"k":"b","v":2}]} => {"byKey":{"a":1,"b":2}}
record = { byKey: record.rows.reduce((o, r) => ({ ...o, [r.k]: r.v }), {}) };

//: group | {"rows":[{"k":"a","v":1},{"k":"b","v":2},{"k":"a","v":3}]} => {"groups":{"a":[1,3],"b":[2]}}
const groups = {};
for (const { k, v } of record.rows) (groups[k] ||= []).push(v);
record = { groups };

//: holes become null | {} => {"a":[null,2,null]}
record.a = [, 2, undefined];
