//: while => SCRIPT_TIMEOUT
while (true) {}

//: do while => SCRIPT_TIMEOUT
do {} while (1);

//: for, with nothing in it => SCRIPT_TIMEOUT
for (;;);

//: for, with work in its head => SCRIPT_
for (let i = 0, a = []; ; i++, a = [a, i]);

//: for of an endless generator => SCRIPT_TIMEOUT
function* all() { let i = 0; while (true) yield i++; }
for (const i of all()) record.i = i;

//: for in over a growing object => SCRIPT_
const o = { a: 1 };
for (;;) for (const k in o) o[k + k] = 1;

//: for of over a growing array => SCRIPT_
const a = [1];
for (const x of a) a.push(x);

//: for of over a growing set => SCRIPT_
const s = new Set([1]);
for (const x of s) { s.delete(x); s.add(x + 1); }

//: forEach over a growing set => SCRIPT_
const s = new Set([1]);
s.forEach(x => { s.delete(x); s.add(x); });

//: forEach over a growing map => SCRIPT_
const m = new Map([[1, 1]]);
m.forEach((v, k) => { m.delete(k); m.set(k, v); });

//: catch and go on => SCRIPT_TIMEOUT
for (;;) { try { for (;;); } catch (e) {} finally { continue; } }

//: finally that returns => SCRIPT_TIMEOUT
function f() { try { while (true); } finally { return f(); } }
f();

//: labels that jump to each other => SCRIPT_TIMEOUT
outer: while (true) { inner: for (;;) { continue outer; } }

//: label within a switch => SCRIPT_TIMEOUT
again: for (;;) switch (1) { case 1: continue again; default: break again; }

//: labels by the hundred => SCRIPT_TIMEOUT
a: b: c: d: e: f: g: h: i: j: k: l: m: n: o: p: while (true) { continue p; }

//: switch with slow cases => SCRIPT_TIMEOUT
const slow = () => { for (let i = 0; i < 1e6; i++); return 1; };
switch (0) { case slow(): case slow(): case slow(): break; }

//: generator that delegates to itself => SCRIPT_
function* g() { yield* g(); }
[...g()];

//: generators one within the other => SCRIPT_
function* g(n) { if (n > 0) { yield* g(n - 1); yield* g(n - 1); } else yield 1; }
for (const x of g(40)) record.x = x;

//: iterator without an end => SCRIPT_
const it = { [Symbol.iterator]: () => ({ next: () => ({ value: 1, done: false }) }) };
const a = [...it];

//: iterator whose next is a built-in function => SCRIPT_
const it = { [Symbol.iterator]: () => ({ next: Array }) };
const a = [...it];

//: iterator without an end, in a call => SCRIPT_
const it = { [Symbol.iterator]: () => ({ next: Array }) };
Math.max(...it);

//: iterator without an end, in destructuring => SCRIPT_
const it = { [Symbol.iterator]: () => ({ next: Array }) };
const [a, b, ...c] = it;

//: iterator without an end, in a parameter => SCRIPT_
const it = { [Symbol.iterator]: () => ({ next: Array }) };
(([a, ...b]) => a)(it);

//: iterator without an end, in Array.from => SCRIPT_
Array.from({ [Symbol.iterator]: () => ({ next: Array }) });

//: iterator without an end, in Array.from with a callback => SCRIPT_
Array.from({ [Symbol.iterator]: () => ({ next: Array }) }, Boolean);

//: iterator without an end, in a set => SCRIPT_
new Set({ [Symbol.iterator]: () => ({ next: Array }) });

//: iterator without an end, in a map => SCRIPT_
new Map({ [Symbol.iterator]: () => ({ next: () => ({ value: [1, 1] }) }) });

//: iterator without an end, in a weak set => SCRIPT_
new WeakSet({ [Symbol.iterator]: () => ({ next: () => ({ value: {} }) }) });

//: iterator without an end, in fromEntries => SCRIPT_
Object.fromEntries({ [Symbol.iterator]: () => ({ next: () => ({ value: ['a', 1] }) }) });

//: iterator without an end, in groupBy => SCRIPT_
Object.groupBy({ [Symbol.iterator]: () => ({ next: Array }) }, Boolean);

//: iterator without an end, in Map.groupBy => SCRIPT_
Map.groupBy({ [Symbol.iterator]: () => ({ next: Array }) }, Boolean);

//: iterator without an end, in a delegation => SCRIPT_
function* g() { yield* { [Symbol.iterator]: () => ({ next: Array }) }; }
for (const x of g());

//: iterator helpers => SCRIPT_
(function* () { for (;;) yield 1; })().map(x => x).filter(x => 0).next();

//: iterator helper of an array's iterator => SCRIPT_
[].values().constructor.prototype.reduce.call({ next: Array }, Boolean);

//: set operation with an endless other => SCRIPT_
new Set([1]).union({ size: 1, has: Boolean, keys: () => ({ next: Array }) });

//: set operation with itself growing => SCRIPT_
const s = new Set([1]);
s.isSubsetOf({ size: 9, has: x => { s.add(x + 1); return true; }, keys: () => [].values() });

//: setter that calls itself => SCRIPT_
const o = { set a(v) { this.a = v; } };
o.a = 1;

//: microtasks without an end => SCRIPT_
const p = Promise.resolve();
const go = () => p.then(go);
go();

//: async function that waits for itself => SCRIPT_
async function f() { await f(); }
f();

//: async generator => SCRIPT_
async function* g() { for (;;) yield 1; }
g().next();

//: await at the top => INVALID_SCRIPT
await 1;

//: timers are not there => SCRIPT_FAILED
setTimeout(() => {}, 1);

//: array index loop to 2^53 => SCRIPT_
const a = { length: Number.MAX_SAFE_INTEGER };
Array.prototype.forEach.call(a, x => x);

//: indexOf in an array-like without end => {"a":1}
Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);

//: includes in an array-like without end => SCRIPT_
Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1);

//: join of an array-like without end => SCRIPT_
Array.prototype.join.call({ length: 2 ** 53 - 1 }, '');

//: reverse of an array-like without end => SCRIPT_
Array.prototype.reverse.call({ length: 2 ** 53 - 1 });

//: fill of an array-like without end => SCRIPT_
Array.prototype.fill.call({ length: 2 ** 53 - 1 }, 1);

//: copyWithin of an array-like without end => SCRIPT_
Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 0, 9);

//: sort of an array-like without end => SCRIPT_
Array.prototype.sort.call({ length: 2 ** 53 - 1 });

//: slice of an array-like without end => SCRIPT_
Array.prototype.slice.call({ length: 2 ** 53 - 1 });

//: concat of an array-like without end => SCRIPT_
[].concat({ length: 2 ** 53 - 1, [Symbol.isConcatSpreadable]: true });

//: lastIndexOf in an array-like without end => SCRIPT_
Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1 }, 1);

//: flat of an array-like without end => SCRIPT_
Array.prototype.flat.call({ length: 2 ** 53 - 1 });

//: at, with, toSpliced of an array-like without end => SCRIPT_
Array.prototype.toSpliced.call({ length: 2 ** 32 - 2 }, 0, 1);

//: unshift to an array-like without end => {"a":1}
Array.prototype.unshift.call({ length: 2 ** 53 - 2 }, 1);

//: shift of an array-like without end => SCRIPT_
Array.prototype.shift.call({ length: 2 ** 53 - 1 });

//: splice of an array-like without end => SCRIPT_
Array.prototype.splice.call({ length: 2 ** 53 - 1 }, 0, 1);

//: Array.from of an array-like without end => SCRIPT_
Array.from({ length: 2 ** 53 - 1 });

//: apply with an array-like without end => SCRIPT_
Math.max.apply(null, { length: 2 ** 32 - 1 });

//: sparse array with a far end => SCRIPT_
const a = [];
a[4294967294] = 1;
a.forEach(x => x);
a.map(x => x);
a.reverse();
a.sort();

//: sparse array, made text => SCRIPT_
const a = [];
a[4294967290] = 1;
String(a);

//: sparse array, in JSON => SCRIPT_
const a = [];
a[4294967290] = 1;
JSON.stringify(a);

//: sparse array in the record => SCRIPT_
record.a = [];
record.a[4294967290] = 1;

//: array's length set far => SCRIPT_
record.a = [];
record.a.length = 4294967295;

//: Math.random until it never is => SCRIPT_TIMEOUT
while (Math.random() < 2);

//: Date until the end of time => SCRIPT_TIMEOUT
const end = Date.now() + 1e9;
while (Date.now() < end);

//: performance of conditional chains without a statement => SCRIPT_
const f = n => n <= 0 ? 0 : f(n - 1) + f(n - 1);
f(50);

//: comma expressions => SCRIPT_
const g = n => (n > 0 && (g(n - 1), g(n - 1), g(n - 1)), n);
g(30);

//: logical chains => SCRIPT_
const h = n => n && (h(n - 1) || h(n - 1) || h(n - 1));
h(40);

//: tagged template that calls itself => SCRIPT_
const t = (s, ...v) => t`${v}`;
t`x`;

//: getter in a loop head => SCRIPT_
const o = { get go() { return true; } };
while (o.go);

//: valueOf in a comparison => SCRIPT_
const o = { n: 0, valueOf() { return this.n++; } };
while (o < Infinity);
