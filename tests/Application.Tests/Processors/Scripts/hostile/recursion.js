//: a function => SCRIPT_FAILED The script's calls are nested too deep
function f() { f(); }
f();

//: an arrow => SCRIPT_FAILED The script's calls are nested too deep
const f = () => f() + 1;
f();

//: in tail position => SCRIPT_
const f = n => f(n + 1);
f(0);

//: two functions => SCRIPT_FAILED The script's calls are nested too deep
const even = n => odd(n + 1), odd = n => even(n + 1);
even(0);

//: by a hundred different functions => SCRIPT_
const fs = [];
for (let i = 0; i < 100; i++) fs.push(n => fs[(n + 1) % 100](n + 1));
fs[0](0);

//: by thousands of different functions => SCRIPT_
const fs = [];
for (let i = 0; i < 3000; i++) fs.push(n => n < 2999 ? fs[n + 1](n + 1) : n);
fs[0](0);

//: constructor => SCRIPT_
class A { constructor() { new A(); } }
new A();

//: super constructor => SCRIPT_
class A { constructor() { new B(); } }
class B extends A {}
new B();

//: class field => SCRIPT_
class A { x = new A(); }
new A();

//: static block => SCRIPT_
class A { static { const f = () => f(); f(); } }

//: getter => SCRIPT_
const o = { get a() { return this.a; } };
o.a;

//: setter and getter => SCRIPT_
const o = { get a() { this.a = 1; return 1; }, set a(v) { return this.a; } };
o.a;

//: toString => SCRIPT_
const o = { toString() { return '' + this; } };
'' + o;

//: valueOf => SCRIPT_
const o = { valueOf() { return +this; } };
+o;

//: Symbol.toPrimitive => SCRIPT_
const o = { [Symbol.toPrimitive]() { return `${o}`; } };
`${o}`;

//: Symbol.hasInstance => SCRIPT_
const o = { [Symbol.hasInstance](x) { return x instanceof o; } };
({}) instanceof o;

//: Symbol.iterator => SCRIPT_
const o = { [Symbol.iterator]() { return [...o]; } };
[...o];

//: toJSON => SCRIPT_
const o = { toJSON() { return { a: this }; } };
JSON.stringify(o);

//: toJSON that asks again => SCRIPT_
const o = { toJSON() { return JSON.stringify(o); } };
JSON.stringify(o);

//: JSON replacer => SCRIPT_
JSON.stringify([1], (k, v) => ({ v }));

//: JSON replacer that stringifies => SCRIPT_
const r = (k, v) => JSON.stringify([v], r);
JSON.stringify([1], r);

//: JSON reviver => SCRIPT_
const r = (k, v) => JSON.parse('[1]', r);
JSON.parse('[1]', r);

//: JSON reviver that grows what it walks => SCRIPT_
JSON.parse('{"a":{}}', function (k, v) { if (k === '') return v; this.b = { c: { d: {} } }; return v; });
for (;;) JSON.parse('[[1]]', (k, v) => [[v]]);

//: replace callback => SCRIPT_
const f = s => s.replace(/x/, () => f('x'));
f('x');

//: replace callback, string pattern => SCRIPT_
const f = s => s.replaceAll('x', () => f('x'));
f('x');

//: sort comparator => SCRIPT_
const s = () => [2, 1].sort(s);
s();

//: sort comparator that never agrees => SCRIPT_
const a = Array.from({ length: 3000 }, (x, i) => i);
for (;;) a.sort(() => Math.random() - 0.5);

//: map callback => SCRIPT_
const m = () => [1].map(m);
m();

//: reduce callback => SCRIPT_
const m = () => [1, 2].reduce(m);
m();

//: flatMap callback => SCRIPT_
const m = () => [1].flatMap(m);
m();

//: find callback => SCRIPT_
const m = () => [1].findLast(m);
m();

//: forEach of a map => SCRIPT_
const m = new Map([[1, 2]]);
const f = () => m.forEach(f);
f();

//: Array.from callback => SCRIPT_
const f = () => Array.from([1], f);
f();

//: call and apply => SCRIPT_
const f = function () { f.call(null); };
f();

//: apply of apply => SCRIPT_
const f = function () { f.apply.apply(f, [null, []]); };
f();

//: bound functions, many deep => SCRIPT_
let f = () => 1;
for (let i = 0; i < 9000; i++) f = f.bind(null);
f();

//: bound functions, doubled arguments => SCRIPT_
let f = (...a) => a.length;
for (let i = 0; i < 40; i++) f = f.bind(null, ...Array(200).fill(1));
for (;;) f();

//: prototype chain, long => SCRIPT_
let o = {};
for (let i = 0; i < 9000; i++) o = Object.create(o);
for (;;) o.missing;

//: prototype chain of getters => SCRIPT_
let o = { get x() { return 1; } };
for (let i = 0; i < 500; i++) { const p = o; o = Object.create(o, { x: { get() { return p.x; } } }); }
o.x;

//: cyclic prototype => SCRIPT_FAILED
const a = {}, b = Object.create(a);
Object.setPrototypeOf(a, b);

//: scopes, many deep => SCRIPT_
const f = n => { const x = n; return () => n > 0 ? f(n - 1)() + x : x; };
f(5000)();

//: proxies are not there => SCRIPT_FAILED
new Proxy({}, { get(t, k, r) { return r[k]; } }).x;

//: default parameters => SCRIPT_
const f = (a = f()) => a;
f();

//: destructuring defaults => SCRIPT_
const f = ({ a = f({}) }) => a;
f({});

//: computed keys => SCRIPT_
const f = () => ({ [f()]: 1 });
f();

//: template literals => SCRIPT_
const f = () => `${f()}`;
f();

//: tagged templates => SCRIPT_
const f = s => f`${1}`;
f`x`;

//: spread => SCRIPT_
const f = () => [...f()];
f();

//: optional calls => SCRIPT_
const f = () => f?.()?.x;
f();

//: generators => SCRIPT_
function* g() { for (const x of g()) yield x; }
g().next();

//: throw and catch on each level => SCRIPT_
const f = () => { try { f(); } catch (e) { f(); } };
f();

//: throw and finally on each level => SCRIPT_
const f = () => { try { f(); } finally { f(); } };
f();

//: error whose message is a getter => SCRIPT_
const e = new Error('x');
Object.defineProperty(e, 'message', { get() { throw e; } });
throw e;

//: error whose stack is read in a loop => SCRIPT_
const f = () => { try { null.x; } catch (e) { e.stack; f(); } };
f();

//: error whose cause is itself => SCRIPT_FAILED
const e = new Error('x');
e.cause = e;
throw e;

//: aggregate of a great many errors => SCRIPT_
throw new AggregateError(Array(1e6).fill(new Error('x')));

//: Object.defineProperty getter on the record => SCRIPT_FAILED
Object.defineProperty(record, 'x', { enumerable: true, get() { return this.x; } });

//: accessor on a nested object of the record => SCRIPT_FAILED
record.o = {};
Object.defineProperty(record.o, 'x', { enumerable: true, get() { for (;;); } });
