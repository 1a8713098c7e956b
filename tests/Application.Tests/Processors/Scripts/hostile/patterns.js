//: nested quantifiers => SCRIPT_TIMEOUT
/(a+)+$/.test('a'.repeat(40) + 'b');

//: alternatives that overlap => SCRIPT_TIMEOUT
/^(a|aa)+$/.test('a'.repeat(60) + 'b');

//: alternatives that are the same => {"a":1}
/^(a|a)*$/.test('a'.repeat(40) + 'b');

//: the same class twice => SCRIPT_TIMEOUT
/(x+x+)+y/.test('x'.repeat(60));

//: a pattern made while running => SCRIPT_TIMEOUT
new RegExp('(x+x+)+y').test('x'.repeat(60));

//: caught and tried again => SCRIPT_TIMEOUT
for (;;) { try { /(a+)+$/.test('a'.repeat(40) + 'b'); } catch (e) {} }

//: in match => SCRIPT_TIMEOUT
('a'.repeat(40) + 'b').match(/(a+)+$/);

//: in matchAll => SCRIPT_TIMEOUT
[...('a'.repeat(40) + 'b').matchAll(/(a+)+$/g)];

//: in replace => SCRIPT_TIMEOUT
('a'.repeat(40) + 'b').replace(/(a+)+$/, '');

//: in replaceAll => SCRIPT_TIMEOUT
('a'.repeat(40) + 'b').replaceAll(/(a+)+$/g, '');

//: in split => SCRIPT_TIMEOUT
('a'.repeat(40) + 'b').split(/(a+)+$/);

//: in search => SCRIPT_TIMEOUT
('a'.repeat(40) + 'b').search(/(a+)+$/);

//: in exec, sticky => SCRIPT_TIMEOUT
/(a+)+$/y.exec('a'.repeat(40) + 'b');

//: in exec, Unicode => SCRIPT_TIMEOUT
/(a+)+$/u.exec('a'.repeat(40) + 'b');

//: in exec, with sets => SCRIPT_TIMEOUT
/([[a-z]--[b]]+)+$/v.exec('a'.repeat(40) + 'b');

//: ignoring case => SCRIPT_TIMEOUT
/(a+)+$/i.test('A'.repeat(40) + 'b');

//: with a look-ahead => SCRIPT_TIMEOUT
/^(?=(a+)+b)a/.test('a'.repeat(40));

//: with a look-behind => {"a":1}
/(?<=^(a+)+)c/.test('a'.repeat(40) + 'bc');

//: with a back reference => SCRIPT_TIMEOUT
/^(a*)*\1$/.test('a'.repeat(40) + 'b');

//: with counted quantifiers => SCRIPT_TIMEOUT
/^((a{1,30}){1,30}){1,30}$/.test('a'.repeat(60) + 'b');

//: polynomial, on a long text => SCRIPT_
let s = ' ';
for (let i = 0; i < 16; i++) s += s;
/\s+$/.test(s + 'x');
/a.*b.*c.*d/.test('a'.repeat(30000));

//: polynomial, in replace => {"a":1}
let s = ' ';
for (let i = 0; i < 18; i++) s += s;
(s + 'x').replace(/\s+$/g, '');

//: an e-mail address, the naive way => SCRIPT_TIMEOUT
/^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$/.test('a'.repeat(50));

//: a great many groups => SCRIPT_
new RegExp('(a?)'.repeat(2000) + 'b').test('a'.repeat(2000));

//: a great many alternatives => SCRIPT_
const r = new RegExp(Array(5000).fill('a').map((a, i) => a + i).join('|'));
for (;;) r.test('a'.repeat(10000));

//: a pattern of a hundred thousand characters => SCRIPT_
for (;;) new RegExp('a'.repeat(100000)).test('b');

//: a pattern with deep groups => SCRIPT_
new RegExp('('.repeat(20000) + ')'.repeat(20000)).test('b');

//: a pattern with deep classes => SCRIPT_
new RegExp('['.repeat(20000) + ']'.repeat(20000), 'v').test('b');

//: huge counts => SCRIPT_
/((a{1000}){1000}){1000}/.test('a'.repeat(100000));

//: a new pattern each time => SCRIPT_
for (let i = 0; ; i++) new RegExp('x{' + i + '}y').test('x'.repeat(1000));

//: lastIndex set back => SCRIPT_
const r = /a/g;
while (r.exec('a')) r.lastIndex = 0;

//: exec replaced by an endless one => SCRIPT_
const r = /a/g;
r.exec = () => ['a'];
'a'.replace(r, '');

//: exec replaced, in match => SCRIPT_
const r = /a/g;
r.exec = () => ({ 0: 'a', index: 0 });
'a'.match(r);

//: flags as a getter => SCRIPT_
const r = /a/;
Object.defineProperty(r, 'flags', { get() { for (;;); } });
'a'.matchAll(r);

//: Symbol.species => SCRIPT_
class R extends RegExp { static get [Symbol.species]() { for (;;); } }
'a'.split(new R('a'));

//: lastIndex that is an object => SCRIPT_
const r = /a/g;
r.lastIndex = { valueOf() { for (;;); } };
r.test('a');

//: named groups by the thousand => SCRIPT_
const r = new RegExp(Array.from({ length: 3000 }, (x, i) => `(?<n${i}>a?)`).join(''));
for (;;) r.exec('aaaa').groups.n1;

//: an empty match, for ever => SCRIPT_
let n = 0;
for (const m of 'x'.repeat(50000).matchAll(/(?:)/g)) n += m.index;
for (const m of 'x'.repeat(50000).matchAll(/(?:)/g)) n += m.index;

//: slow matches by the thousand, in replace => SCRIPT_TIMEOUT
const s = ('a'.repeat(18) + 'b').repeat(3000);
s.replace(/(a+)+$|b/g, '');

//: slow matches by the thousand, in replace with a callback => SCRIPT_TIMEOUT
const s = ('a'.repeat(18) + 'b').repeat(3000);
s.replace(/(a+)+$|b/g, () => '');

//: slow matches by the thousand, in replaceAll => SCRIPT_TIMEOUT
const s = ('a'.repeat(18) + 'b').repeat(3000);
s.replaceAll(/(a+)+$|b/g, '');

//: slow matches by the thousand, in match => SCRIPT_TIMEOUT
const s = ('a'.repeat(18) + 'b').repeat(3000);
s.match(/(a+)+$|b/g);

//: slow matches by the thousand, in matchAll => SCRIPT_TIMEOUT
const s = ('a'.repeat(18) + 'b').repeat(3000);
[...s.matchAll(/(a+)+$|b/g)];

//: slow matches by the thousand, in split => SCRIPT_TIMEOUT
const s = ('a'.repeat(18) + 'b').repeat(3000);
s.split(/(a+)+$|b/);

//: slow matches by the thousand, by a pattern made of text => SCRIPT_TIMEOUT
const s = ('a'.repeat(18) + 'b').repeat(3000);
[...s.matchAll('(a+)+$|b')];

//: slow matches by the thousand, by another name => SCRIPT_TIMEOUT
const s = ('a'.repeat(18) + 'b').repeat(3000);
s['rep' + 'lace'](/(a+)+$|b/g, '');

//: groups within alternatives within groups => SCRIPT_FAILED A regular expression may have at most 1000 characters.
new RegExp('(a|'.repeat(40000) + ')'.repeat(40000)).test('b');

//: groups within alternatives within groups, by the constructor of another => SCRIPT_FAILED A regular expression may have at most 1000 characters.
new (/x/.constructor)('(a|'.repeat(40000) + ')'.repeat(40000)).test('b');

//: groups within alternatives within groups, by reflection => SCRIPT_FAILED
new (Object.getPrototypeOf(/x/).constructor)('(a|'.repeat(40000) + ')'.repeat(40000)).test('b');

//: groups within alternatives within groups, by inheritance => SCRIPT_FAILED A regular expression may have at most 1000 characters.
class R extends RegExp {}
new R('(a|'.repeat(40000) + ')'.repeat(40000)).test('b');

//: groups within alternatives within groups, by match => SCRIPT_FAILED A regular expression may have at most 1000 characters.
'b'.match('(a|'.repeat(40000) + ')'.repeat(40000));

//: groups within alternatives within groups, by search => SCRIPT_FAILED A regular expression may have at most 1000 characters.
'b'.search('(a|'.repeat(40000) + ')'.repeat(40000));

//: groups within alternatives within groups, by compile => SCRIPT_FAILED
/x/.compile('(a|'.repeat(40000) + ')'.repeat(40000)).test('b');

//: a literal that is long => SCRIPT_FAILED Line 1: a regular expression may have at most 1000 characters.
/<<300 (a|>><<300 )>>/.test('b');

//: Unicode classes by the hundred => SCRIPT_
for (;;) new RegExp('\\p{L}'.repeat(190), 'u').test('b');

//: exec that claims a thousand million groups, in split => SCRIPT_FAILED split takes a text or a regular expression as it is written.
class R extends RegExp { exec() { this.lastIndex = 1; return { 0: '', length: 1e9 }; } }
'abc'.split(new R('a'));

//: exec that claims a thousand million groups, in replace => SCRIPT_FAILED replace takes a text or a regular expression as it is written.
const r = /a/;
r.exec = () => ({ 0: 'a', index: 0, length: 1e9 });
'abc'.replace(r, 'x');

//: exec that claims a thousand million groups, for all patterns => SCRIPT_FAILED
RegExp.prototype.exec = () => ({ 0: 'a', index: 0, length: 1e9 });
'abc'.replace(/a/, 'x');

//: exec that claims a thousand million groups, by a species => SCRIPT_FAILED
const r = /a/;
r.constructor = { [Symbol.species]: function () { return { exec() { this.lastIndex = 1; return { 0: '', length: 1e9 }; } }; } };
'abc'.split(r);

//: exec that claims a thousand million groups, by a symbol => SCRIPT_FAILED
RegExp.prototype[Symbol.split].call({ constructor: { [Symbol.species]: function () { return { exec() { this.lastIndex = 1; return { 0: '', length: 1e9 }; } }; } } }, 'abc');

//: Symbol.split that is the script's => SCRIPT_
for (;;) 'abc'.split({ [Symbol.split]: () => [] });
