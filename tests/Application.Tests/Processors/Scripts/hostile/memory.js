//: doubled text => SCRIPT_
let s = 'x';
while (true) s += s;

//: doubled text in forty steps => SCRIPT_
let s = 'x';
for (let i = 0; i < 40; i++) s += s;
return s.indexOf('y');

//: doubled text, by concat => SCRIPT_
let s = 'x';
for (let i = 0; i < 40; i++) s = s.concat(s);
return s.indexOf('y');

//: doubled text, by template => SCRIPT_
let s = 'x';
for (let i = 0; i < 40; i++) s = `${s}${s}`;
return s.indexOf('y');

//: doubled text, by join => SCRIPT_
let s = 'x';
for (let i = 0; i < 40; i++) s = [s, s].join('');
return s.indexOf('y');

//: doubled text, by replace => SCRIPT_
let s = 'x';
for (let i = 0; i < 40; i++) s = s.replace(/^/, '$\'');
return s.indexOf('y');

//: doubled text, by replaceAll => SCRIPT_
let s = 'x';
for (let i = 0; i < 40; i++) s = s.replaceAll('x', 'xx');
return s.indexOf('y');

//: doubled text, by a replace callback => SCRIPT_
let s = 'x';
for (let i = 0; i < 40; i++) s = s.replace(/x/g, m => m + m);
return s.indexOf('y');

//: doubled text, by JSON => SCRIPT_
let s = '"';
for (let i = 0; i < 40; i++) s = JSON.stringify(s);
return s.indexOf('y');

//: doubled text, by arrays made text => SCRIPT_
let s = 'x';
for (let i = 0; i < 40; i++) s = String([s, s]);
return s.indexOf('y');

//: doubled text, by escape => SCRIPT_
let s = '%';
for (let i = 0; i < 40; i++) s = escape(s + s);
return s.indexOf('y');

//: doubled text, by encodeURIComponent => SCRIPT_
let s = '%';
for (let i = 0; i < 40; i++) s = encodeURIComponent(s + s);
return s.indexOf('y');

//: doubled text, by a tag => SCRIPT_
let s = 'x';
for (let i = 0; i < 40; i++) s = String.raw`${s}${s}`;
return s.indexOf('y');

//: doubled text, by reduce => SCRIPT_
return Array(40).fill('x').reduce(s => s + s, 'x').indexOf('y');

//: doubled text in one statement => SCRIPT_FAILED
const d = s => s + s;
let s = 'x'.repeat(1000);
return d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(s)))))))))))))))))))).indexOf('y');

//: doubled text by commas => SCRIPT_FAILED
let s = 'x';
(s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s,
  s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s, s += s);

//: doubled text by commas, in templates => SCRIPT_FAILED
let s = 'x';
(s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`,
  s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`,
  s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`, s = `${s}${s}`);

//: doubled text by commas, with concat => SCRIPT_FAILED
let s = 'x';
(s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s),
  s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s),
  s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s), s = s.concat(s));

//: doubled text in property names => SCRIPT_
const o = {};
let s = 'x';
for (let i = 0; i < 40; i++) { s += s; o[s] = 1; }

//: doubled text as a number => SCRIPT_
let s = '9';
for (let i = 0; i < 40; i++) s += s;
return Number(s) > 1;

//: doubled text, compared => SCRIPT_
let s = 'x', t = 'x';
for (let i = 0; i < 40; i++) { s += s; t = t + t; }
return s < t;

//: repeat => SCRIPT_FAILED repeat would need more memory
'x'.repeat(1e9);

//: repeat of repeat => SCRIPT_FAILED repeat would need more memory
'x'.repeat(1e5).repeat(1e5);

//: repeat by another name => SCRIPT_FAILED repeat would need more memory
'x'['rep' + 'eat'](1e8);

//: repeat by destructuring => SCRIPT_FAILED repeat would need more memory
const { repeat: r } = '';
r.call('x', 1e8);

//: repeat by the prototype => SCRIPT_FAILED repeat would need more memory
String.prototype.repeat.call('x', 1e8);

//: repeat with a number made late => SCRIPT_
'x'.repeat({ valueOf: () => 1e9 });

//: repeat with a text for a number => SCRIPT_
'x'.repeat('1e9');

//: repeat of an object made text late => SCRIPT_
String.prototype.repeat.call({ toString: () => 'x'.repeat(1e5) }, 1e4);

//: caught and tried again => SCRIPT_FAILED repeat would need more memory
for (;;) { try { 'x'.repeat(1e8); } catch (e) {} }

//: padStart => SCRIPT_FAILED padStart would need more memory
'x'.padStart(5e8, 'abc');

//: padEnd => SCRIPT_FAILED padEnd would need more memory
'x'.padEnd(5e8, 'abc');

//: padStart with a number made late => SCRIPT_
'x'.padStart({ valueOf: () => 5e8 });

//: replace by a long text => SCRIPT_FAILED
'x'.repeat(1e5).replace(/x/g, 'y'.repeat(1000));

//: replace by what comes before => SCRIPT_FAILED
'x'.repeat(1e5).replace(/x/g, '$`');

//: replace by a group, many times => SCRIPT_
'x'.repeat(1e5).replace(/(x+)/, '$1$1$1$1$1$1$1$1$1$1'.repeat(1000));

//: replace by a long text from a callback => SCRIPT_
const y = 'y'.repeat(1e5);
'x'.repeat(1e5).replace(/x/g, () => y);

//: replaceAll by a long text => SCRIPT_FAILED replaceAll would need more memory
'x'.repeat(1e5).replaceAll('x', 'y'.repeat(1000));

//: replaceAll of nothing => SCRIPT_
'x'.repeat(1e5).replaceAll('', 'y'.repeat(1000));

//: Symbol.replace by itself => SCRIPT_
RegExp.prototype[Symbol.replace].call(/x/g, 'x'.repeat(1e5), 'y'.repeat(1000));

//: a pattern that is an object with Symbol.replace => {"a":1}
'x'.replace({ [Symbol.replace]: () => { for (;;); } }, '');

//: join with a long separator => SCRIPT_FAILED join would need more memory
Array(1000).join('x'.repeat(1e5));

//: join with a separator made late => SCRIPT_
const s = 'x'.repeat(1e5);
Array(1000).join({ toString: () => s });

//: join of objects made text late => SCRIPT_
const s = 'x'.repeat(1e5);
Array(1000).fill({ toString: () => s }).join();

//: join of an array-like => SCRIPT_
Array.prototype.join.call({ length: 1e6 }, 'x'.repeat(1000));

//: concat of long texts => SCRIPT_
const s = 'x'.repeat(1e5);
''.concat(...Array(1000).fill(s));

//: concat of objects made text late => SCRIPT_
const s = 'x'.repeat(1e5);
''.concat(...Array(1000).fill({ toString: () => s }));

//: raw with long parts => SCRIPT_
const s = 'x'.repeat(1e5);
String.raw({ raw: Array(1000).fill(s) });

//: fromCharCode with many codes => SCRIPT_
let a = Array(30000).fill(65);
let s = '';
for (;;) s += String.fromCharCode(...a);

//: split into a million parts => SCRIPT_
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
s.split('');

//: split by a pattern => SCRIPT_
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
s.split(/(?:)/);

//: split by Symbol.split => SCRIPT_
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
/(?:)/[Symbol.split](s);

//: match of all => SCRIPT_
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
s.match(/x/g);

//: Symbol.match of all => SCRIPT_
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
/x/g[Symbol.match](s);

//: matchAll => SCRIPT_
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
[...s.matchAll(/x/g)];

//: normalize over and over => SCRIPT_
let s = '\u1e9b\u0323';
for (let i = 0; i < 18; i++) s += s;
for (;;) s.normalize('NFKD');

//: upper case over and over => SCRIPT_
let s = 'ß';
for (let i = 0; i < 21; i++) s += s;
for (;;) s.toUpperCase();

//: localeCompare over and over => SCRIPT_
let s = 'é';
for (let i = 0; i < 21; i++) s += s;
for (;;) s.localeCompare(s + 'x');

//: trim over and over => SCRIPT_
let s = ' ';
for (let i = 0; i < 21; i++) s += s;
for (;;) (s + 'x').trim();

//: indexOf, the worst case => SCRIPT_
let s = 'a';
for (let i = 0; i < 21; i++) s += s;
const part = s.slice(0, 500000) + 'b';
for (;;) s.indexOf(part);

//: lastIndexOf, the worst case => SCRIPT_
let s = 'a';
for (let i = 0; i < 21; i++) s += s;
const part = 'b' + s.slice(0, 500000);
s.lastIndexOf(part);

//: includes, the worst case => SCRIPT_
let s = 'a';
for (let i = 0; i < 21; i++) s += s;
s.includes(s.slice(0, 500000) + 'b');

//: split by a long text, the worst case => SCRIPT_
let s = 'a';
for (let i = 0; i < 21; i++) s += s;
s.split(s.slice(0, 500000) + 'b');

//: replaceAll of a long text, the worst case => SCRIPT_
let s = 'a';
for (let i = 0; i < 21; i++) s += s;
s.replaceAll(s.slice(0, 500000) + 'b', 'c');

//: a long text spread => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
[...s];

//: a long text spread into a call => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
Math.max(...s);

//: a long text spread into an object => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
const o = { ...s };

//: a long text spread into a constructor => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
new Array(...s);

//: a long text taken apart => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
const [a, ...b] = s;

//: a long text taken apart in an assignment => SCRIPT_
let s = 'x', a, b;
for (let i = 0; i < 21; i++) s += s;
[a, ...b] = s;

//: a long text taken apart as an object => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
const { a, ...b } = s;

//: a long text taken apart in a parameter => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
(([...a]) => a)(s);

//: a long text, letter by letter => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
for (const c of s);

//: a long text, index by index => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
for (const i in s);

//: a long text in Array.from => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
Array.from(s);

//: a long text in Array.from with a callback => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
Array.from(s, Boolean);

//: a long text in a set => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
new Set(s);

//: a long text of different letters in a set => SCRIPT_
let s = '';
for (let i = 0; i < 5000; i++) s += String.fromCharCode(i * 13);
for (let i = 0; i < 9; i++) s += s;
new Set(s);

//: a long text in a map => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
new Map(s);

//: a long text in a delegation => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
function* g() { yield* s; }
[...g()];

//: a long text wrapped in an object, spread => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
[...new String(s)];

//: a long text wrapped in an object, its keys => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
Object.keys(new String(s));

//: a long text's keys => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
Object.keys(s);

//: a long text's entries => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
Object.entries(s);

//: a long text's own names => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
Object.getOwnPropertyNames(s);

//: a long text assigned to an object => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
Object.assign({}, s);

//: a long text frozen => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
Object.freeze(new String(s));

//: a long text's descriptors => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
Object.getOwnPropertyDescriptors(s);

//: a long text as an array => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
Array.prototype.map.call(s, x => x);

//: a long text as an array, with a built-in callback => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
Array.prototype.filter.call(s, Boolean);

//: a long text as an array, sliced => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
Array.prototype.slice.call(s);

//: a long text as arguments => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
Math.max.apply(null, new String(s));

//: a long text by its iterator's next => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
const it = s[Symbol.iterator]();
while (!it.next().done);

//: a long text's iterator spread => SCRIPT_
let s = 'x';
for (let i = 0; i < 21; i++) s += s;
[...s[Symbol.iterator]()];

//: a long text as a number, over and over => SCRIPT_
let s = '1';
for (let i = 0; i < 21; i++) s += s;
for (;;) parseFloat(s), Number(s), +s;

//: a long text in JSON.parse => SCRIPT_
let s = '[1';
for (let i = 0; i < 200; i++) s += ',1,1,1,1,1,1,1,1'.repeat(1000);
for (;;) JSON.parse(s + ']');

//: a long text as JSON, deep => SCRIPT_
JSON.parse('['.repeat(100000));

//: JSON of objects with a great many names => SCRIPT_
let s = '{"a":1';
for (let i = 0; i < 3000; i++) s += `,"a${i}":1`;
for (;;) JSON.parse(s + '}');

//: a large array => SCRIPT_
new Array(1e9).fill(1);

//: large arrays by their length => SCRIPT_
const a = [];
a.length = 1e9;
a.fill(0);

//: Array.from with a length => SCRIPT_
Array.from({ length: 1e8 }, (x, i) => i);

//: doubled array, by concat => SCRIPT_
let a = [1];
for (let i = 0; i < 40; i++) a = a.concat(a);

//: doubled array, by spread => SCRIPT_
let a = [1];
for (let i = 0; i < 40; i++) a = [...a, ...a];

//: doubled array, by push => SCRIPT_
const a = [1];
for (let i = 0; i < 40; i++) a.push(...a);

//: doubled array, by splice => SCRIPT_
const a = [1];
for (let i = 0; i < 40; i++) a.splice(0, 0, ...a);

//: doubled array, by flatMap => SCRIPT_
let a = [1];
for (let i = 0; i < 40; i++) a = a.flatMap(x => [x, x]);

//: doubled array, by flat => SCRIPT_
let a = [1];
for (let i = 0; i < 40; i++) a = [a, a].flat();

//: doubled array, by copyWithin => SCRIPT_
let a = [1];
for (let i = 0; i < 40; i++) { a.length *= 2; a.copyWithin(a.length / 2, 0); }

//: billion laughs in the record => SCRIPT_FAILED
let a = ['lol'];
for (let i = 0; i < 30; i++) a = [a, a, a, a];
record.a = a;

//: billion laughs in the record, as objects => SCRIPT_FAILED
let o = { lol: 1 };
for (let i = 0; i < 30; i++) o = { a: o, b: o, c: o };
record.o = o;

//: billion laughs in JSON => SCRIPT_
let a = ['lol'];
for (let i = 0; i < 30; i++) a = [a, a];
JSON.stringify(a);

//: billion laughs as text => SCRIPT_
let a = ['lol'];
for (let i = 0; i < 30; i++) a = [a, a];
'' + a;

//: billion laughs as a number => SCRIPT_
let a = [1];
for (let i = 0; i < 30; i++) a = [a, a];
a * 1;

//: billion laughs as a key => SCRIPT_
let a = ['lol'];
for (let i = 0; i < 30; i++) a = [a, a];
({})[a];

//: billion laughs in an error => SCRIPT_
let a = ['lol'];
for (let i = 0; i < 30; i++) a = [a, a];
throw new Error(a);

//: billion laughs thrown => SCRIPT_FAILED
let a = ['lol'];
for (let i = 0; i < 30; i++) a = [a, a];
throw a;

//: billion laughs, flattened => SCRIPT_
let a = ['lol'];
for (let i = 0; i < 30; i++) a = [a, a];
a.flat(Infinity);

//: billion laughs, compared => SCRIPT_
let a = ['lol'];
for (let i = 0; i < 30; i++) a = [a, a];
a == 'x';

//: billion laughs, sorted => SCRIPT_
let a = ['lol'];
for (let i = 0; i < 30; i++) a = [a, a];
[a, a, a].sort();

//: billion laughs, in a template => SCRIPT_
let a = ['lol'];
for (let i = 0; i < 30; i++) a = [a, a];
`${a}`;

//: billion laughs, in toLocaleString => SCRIPT_
let a = ['lol'];
for (let i = 0; i < 30; i++) a = [a, a];
a.toLocaleString();

//: billion laughs, to a date => SCRIPT_
let a = ['lol'];
for (let i = 0; i < 30; i++) a = [a, a];
new Date(a);

//: billion laughs, into a pattern => SCRIPT_
let a = ['lol'];
for (let i = 0; i < 30; i++) a = [a, a];
new RegExp(a);

//: billion laughs, made by push => SCRIPT_
const a = ['lol'];
for (let i = 0; i < 30; i++) { const b = a.slice(); a.length = 0; a.push(b, b); }
a * 1;

//: billion laughs, made by index => SCRIPT_
const a = ['lol'];
for (let i = 0; i < 30; i++) { a[0] = a.slice(); a[1] = a[0]; }
a * 1;

//: billion laughs of array-likes => SCRIPT_
let o = { length: 2, 0: 'x', 1: 'y', toString: Array.prototype.join };
for (let i = 0; i < 30; i++) o = { length: 2, 0: o, 1: o, toString: Array.prototype.join };
'' + o;

//: billion laughs of toString => SCRIPT_
let o = { toString: () => 'x' };
for (let i = 0; i < 30; i++) { const p = o; o = { toString: () => `${p}${p}` }; }
'' + o;

//: cyclic array as text => {"a":1,"s":","}
const a = [1, 2];
a[0] = a;
a[1] = a;
record.s = String(a);

//: cyclic value in JSON => SCRIPT_FAILED
const o = {};
o.o = o;
JSON.stringify(o);

//: cyclic value in the record => SCRIPT_FAILED record.o.o
const o = {};
o.o = o;
record.o = o;

//: the record in itself => SCRIPT_FAILED record.self.self
record.self = record;

//: the record in an array of itself => SCRIPT_FAILED
record.list = [record];

//: deep value in the record => SCRIPT_FAILED
let o = {};
for (let i = 0; i < 2500; i++) o = { o };
record.o = o;

//: deep value in JSON => SCRIPT_
let o = {};
for (let i = 0; i < 2500; i++) o = { o };
JSON.stringify(o);

//: deep array flattened => SCRIPT_FAILED
let a = [];
for (let i = 0; i < 2500; i++) a = [a];
a.flat(Infinity);

//: deep array as text => SCRIPT_
let a = [];
for (let i = 0; i < 2500; i++) a = [a];
'' + a;

//: deep text of additions => {"a":1,"n":21640}
let s = '';
for (let i = 0; i < 4000; i++) s = s + 'x' + s.length;
record.n = s.length;

//: a map that grows => SCRIPT_
const m = new Map();
for (let i = 0; ; i++) m.set(i, 'x'.repeat(1000));

//: a weak map that grows => SCRIPT_
const m = new WeakMap(), k = [];
for (let i = 0; ; i++) { const o = {}; k.push(o); m.set(o, 'x'.repeat(1000)); }

//: closures that keep everything => SCRIPT_
const fs = [];
for (let i = 0; ; i++) { const big = 'x'.repeat(100000) + i; fs.push(() => big); }

//: symbols without end => SCRIPT_
const s = [];
for (let i = 0; ; i++) s.push(Symbol('x'.repeat(100000) + i));

//: Symbol.for without end => SCRIPT_
for (let i = 0; ; i++) Symbol.for('x'.repeat(10000) + i);

//: properties without end => SCRIPT_
for (let i = 0; ; i++) record['k' + i] = i;

//: globals without end => SCRIPT_
for (let i = 0; ; i++) globalThis['k' + i] = 'x'.repeat(1000);

//: prototypes filled => SCRIPT_
for (let i = 0; ; i++) Object.prototype['k' + i] = 'x'.repeat(1000);

//: class instances without end => SCRIPT_
class A { constructor(n) { this.n = n; } }
let a = null;
for (;;) a = new A(a);

//: typed arrays are not there => SCRIPT_FAILED
new Uint8Array(2e9);

//: typed array by a name made up => SCRIPT_FAILED
new globalThis['Uint8' + 'Array'](2e9);

//: typed array by this => SCRIPT_FAILED
new this.Float64Array(2e8);

//: typed array by a function's this => SCRIPT_FAILED
new (function () { return this; }()).Float64Array(2e8);

//: buffer => SCRIPT_FAILED
new ArrayBuffer(2e9);

//: shared buffer => SCRIPT_FAILED
new SharedArrayBuffer(2e9);

//: growing buffer => SCRIPT_FAILED
new ArrayBuffer(1, { maxByteLength: 2e9 });

//: big integers => SCRIPT_FAILED
2n ** 100000000n;

//: big integers by name => SCRIPT_FAILED
BigInt(2) ** BigInt(1e9);

//: big integers from a text => SCRIPT_FAILED
globalThis['Big' + 'Int']('9'.repeat(100000));

//: numbers as long texts => SCRIPT_
for (;;) (1e21).toFixed(100), (0.1).toPrecision(100), (1 / 3).toString(2), (2 ** 1023).toString(36);

//: toFixed with too many digits => SCRIPT_FAILED
(1).toFixed(1e9);

//: dates without end => SCRIPT_
for (let i = 0; ; i++) new Date(i * 1e8).toISOString();

//: a long record text, passed on many times => SCRIPT_FAILED
const s = 'x'.repeat(100000);
for (let i = 0; i < 5000; i++) record['k' + i] = s;

//: a large array of a large text => SCRIPT_FAILED
record.x = Array(1000).fill('x'.repeat(1e5));

//: an array of a million zeros => SCRIPT_FAILED
record.x = Array(1000000).fill(0);

//: symbols as keys, getters, and a lot of them => SCRIPT_
const o = {};
for (let i = 0; ; i++) Object.defineProperty(o, Symbol(), { get: () => i });
