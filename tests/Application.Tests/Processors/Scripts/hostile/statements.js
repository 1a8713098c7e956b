//: a statement of a hundred copies of a long text => SCRIPT_FAILED
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
[<<400, s.toUpperCase()>>];

//: a statement of a thousand short copies => SCRIPT_FAILED
const s = 'x'.repeat(60000);
[<<1500, s.toUpperCase()>>];

//: a condition of a hundred copies of a long text => SCRIPT_FAILED
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
if (<<200|| s.toUpperCase() === 1>>) record.b = 1;

//: arguments that are copies of a long text => SCRIPT_FAILED
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
Math.max(<<400, s.toUpperCase()>>);

//: an object of copies of a long text => SCRIPT_FAILED
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
record.o = { <<400, p#: s.toUpperCase()>> };

//: a template of copies of a long text => SCRIPT_FAILED
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
record.t = `<<30 ${s.toUpperCase()}>>`;

//: a chain of copies of a long text => SCRIPT_FAILED
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
s<<60 .concat('')>>.length;

//: variables that are copies of a long text => SCRIPT_FAILED
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
const <<400, v# = s.toUpperCase()>>;

//: a statement of a thousand copies of an array => SCRIPT_FAILED
const a = Array(9000).fill(1);
[<<1500, [...a]>>];

//: a statement of a thousand copies of an object => SCRIPT_FAILED
const a = {};
for (let i = 0; i < 2000; i++) a['k' + i] = i;
[<<1500, { ...a }>>];

//: a statement of a thousand slow matches => SCRIPT_TIMEOUT
const s = 'a'.repeat(18) + 'b';
[<<1500, /(a+)+$/.test(s)>>];

//: a statement of a thousand sorted arrays => SCRIPT_
const a = Array.from({ length: 3000 }, (x, i) => -i);
[<<1500, a.sort()>>];

//: a statement of a thousand comparisons of long texts => SCRIPT_
let s = 'a', t = 'a';
for (let i = 0; i < 18; i++) { s += s; t += t; }
s += 'b';
t += 'c';
for (;;) [<<1500, s < t>>];

//: a thousand steps in an arrow function => SCRIPT_FAILED
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
const f = () => [<<400, s.toUpperCase()>>];
f();

//: a thousand steps in a loop's head => SCRIPT_FAILED
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
for (<<300, s.toUpperCase()>>; ; <<300, s.toUpperCase()>>);

//: a built-in function for each element => SCRIPT_
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
Array(9999).fill(s).map(Function.prototype.call, ''.toUpperCase);

//: a bound built-in function for each element => SCRIPT_
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
Array(9999).fill(1).forEach(''.normalize.bind(s));

//: a built-in function for each element, found by another name => SCRIPT_
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
Array(9999).fill(s)['fil' + 'ter'](Function.prototype.call, ''.toUpperCase);

//: a built-in function for each element of Array.from => SCRIPT_
let s = 'x';
for (let i = 0; i < 18; i++) s += s;
Array.from(Array(9999).fill(s), escape);

//: a built-in function for each match => SCRIPT_
const s = 'x'.repeat(9999);
let t = 'x';
for (let i = 0; i < 20; i++) t += t;
s.replace(/x/g, ''.toUpperCase.bind(t));

//: a built-in function for each value of JSON => SCRIPT_
let t = 'x';
for (let i = 0; i < 20; i++) t += t;
JSON.parse('[' + '1,'.repeat(9000) + '1]', ''.toUpperCase.bind(t));

//: a built-in function to reduce by => SCRIPT_
let t = 'x';
for (let i = 0; i < 20; i++) t += t;
Array(9999).fill(1).reduce(''.toUpperCase.bind(t));

//: a long text thousands of times, sorted => SCRIPT_FAILED sort would need more memory
let s = 'a', t = 'a';
for (let i = 0; i < 18; i++) { s += s; t += t; }
Array(4000).fill(s).concat(Array(4000).fill(t)).sort();

//: a long text ten thousand times, looked for => SCRIPT_FAILED
let s = 'a', t = 'a';
for (let i = 0; i < 18; i++) { s += s; t += t; }
Array(9999).fill(s + 'x').includes(t + 'y');

//: a long text ten thousand times, in a set => SCRIPT_
let s = 'a';
for (let i = 0; i < 20; i++) s += s;
new Set(Array(9999).fill(s));

//: a long text ten thousand times, in a map => SCRIPT_
let s = 'a';
for (let i = 0; i < 20; i++) s += s;
new Map(Array(9999).fill([s, 1]));

//: a long text ten thousand times, as keys => SCRIPT_FAILED
let s = 'a';
for (let i = 0; i < 20; i++) s += s;
Object.fromEntries(Array(9999).fill([s, 1]));

//: a long text ten thousand times, as numbers => SCRIPT_FAILED
let s = '1';
for (let i = 0; i < 17; i++) s += s;
Math.max(...Array(9999).fill(s));

//: a long text ten thousand times, as numbers, by apply => SCRIPT_FAILED
let s = '1';
for (let i = 0; i < 17; i++) s += s;
Math.max.apply(null, Array(9999).fill(s));

//: numbers sorted as texts => SCRIPT_FAILED
Array(60000).fill(1.5).sort();

//: the function that looks at the limits, replaced => SCRIPT_
globalThis['che' + 'ck'] = () => 1;
globalThis['ke' + 'y'] = x => x;
for (;;) ''['trim']();

//: the function that looks at the limits, deleted and defined anew => SCRIPT_
delete globalThis['che' + 'ck'];
delete globalThis['ke' + 'y'];
try { Object.defineProperty(globalThis, 'che' + 'ck', { value: () => 1 }); } catch (e) {}
for (;;) ''['re' + 'peat'](1e9);

//: names like those of the functions that look at the limits => SCRIPT_
const check = () => 1, key = x => x, check$ = () => 1, key$ = x => x;
for (;;) ''['re' + 'peat'](1e9);

//: a name made up in destructuring => SCRIPT_FAILED repeat would need more memory
const name = 're' + 'peat';
const { [name]: repeat } = '';
repeat.call('x', 1e8);

//: a name made up in a parameter => SCRIPT_FAILED repeat would need more memory
const name = 're' + 'peat';
(({ [name]: r }) => r.call('x', 1e8))('');

//: a name made up by an object => SCRIPT_FAILED repeat would need more memory
const name = { toString: () => 're' + 'peat' };
''[name].call('x', 1e8);

//: a name made up, optional => SCRIPT_FAILED repeat would need more memory
const name = ['re', 'peat'].join('');
'x'?.[name]?.(1e8);

//: a name made up, of a superclass => SCRIPT_FAILED repeat would need more memory
const name = `${'re'}peat`;
class A extends String { go() { return super[name](1e8); } }
new A('x').go();

//: functions found by their descriptors => SCRIPT_FAILED repeat would need more memory
for (const { value } of Object.values(Object.getOwnPropertyDescriptors(String.prototype))) if (value?.name === 'rep' + 'eat') value.call('x', 1e8);

//: functions found by their descriptor => SCRIPT_FAILED repeat would need more memory
Object.getOwnPropertyDescriptor(String.prototype, 're' + 'peat').value.call('x', 1e8);

//: functions made enumerable => SCRIPT_FAILED
Object.defineProperty(String.prototype, 're' + 'peat', { enumerable: true });
for (const k in '') ''[k].call('x', 1e8);

//: functions found by all names => SCRIPT_
for (const n of Object.getOwnPropertyNames(String.prototype)) { try { ''[n].call('x', 1e9, 1e9); } catch (e) {} }

//: functions found by symbols => SCRIPT_
let s = 'x';
for (let i = 0; i < 20; i++) s += s;
for (const symbol of Object.getOwnPropertySymbols(String.prototype)) for (;;) Array.from(s[symbol]());
