//: eval => SCRIPT_FAILED
eval('while (true) {}');

//: indirect eval => SCRIPT_FAILED
(0, eval)('while (true) {}');

//: eval by a name made up => SCRIPT_FAILED
globalThis['ev' + 'al']('1');

//: Function => SCRIPT_FAILED
Function('while (true) {}')();

//: constructor of a function => SCRIPT_FAILED
(() => 1).constructor('return 1')();

//: constructor of a constructor => SCRIPT_FAILED
({}).constructor.constructor('return this')();

//: constructor of a built-in function => SCRIPT_FAILED
[].map.constructor('return this')();

//: constructor of an asynchronous function => SCRIPT_FAILED
Object.getPrototypeOf(async function () {}).constructor('return 1')();

//: constructor of a generator => SCRIPT_FAILED
(function* () {}).constructor('yield 1')().next();

//: constructor of a function, by reflection => SCRIPT_FAILED
Reflect.construct((() => 1).constructor, ['return 1'])();

//: constructor of a function, by new => SCRIPT_FAILED
new ((() => 1).constructor)('return 1')();

//: CLR by the record's type => SCRIPT_FAILED
record.GetType();

//: CLR by a namespace => SCRIPT_FAILED
System.Console.WriteLine(1);

//: CLR by import => SCRIPT_FAILED
importNamespace('System');

//: CLR by a host function's stack => SCRIPT_FAILED
host.exit();

//: require => SCRIPT_FAILED
require('fs').readFileSync('/etc/passwd');

//: process => SCRIPT_FAILED
process.exit(1);

//: import => SCRIPT_FAILED
import('fs');

//: import meta => INVALID_SCRIPT
import.meta.url;

//: an import declaration => INVALID_SCRIPT
import fs from 'fs';

//: fetch => SCRIPT_FAILED
fetch('http://127.0.0.1/');

//: XMLHttpRequest => SCRIPT_FAILED
new XMLHttpRequest();

//: WebAssembly => SCRIPT_FAILED
WebAssembly.compile(0);

//: SharedArrayBuffer and Atomics => SCRIPT_FAILED
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);

//: a realm of its own => SCRIPT_FAILED
new ShadowRealm().evaluate('1');

//: with => SCRIPT_
with (globalThis) { for (;;); }

//: with and a name made up => SCRIPT_FAILED
with ({ x: globalThis }) { new x['Uint8' + 'Array'](2e9); }

//: arguments.callee => SCRIPT_
(function () { arguments.callee(); })();

//: caller => SCRIPT_FAILED
(function f() { return f.caller.x; })();

//: this at the top, made to forget the limits => SCRIPT_TIMEOUT
for (const k of Object.getOwnPropertyNames(this)) { try { delete this[k]; } catch (e) {} }
for (;;);

//: record deleted => SCRIPT_FAILED
delete globalThis.record;
record.x = 1;

//: record put out of reach => SCRIPT_FAILED
Object.defineProperty(globalThis, 'record', { get() { return { stolen: 1 }; } });

//: record shadowed by a constant => {"a":1}
{ const record = { b: 2 }; record.c = 3; }

//: record frozen => SCRIPT_FAILED
'use strict';
Object.freeze(record);
record.b = 1;

//: record frozen, not strict => {"a":1}
Object.freeze(record);
record.b = 1;

//: record sealed => {"a":2}
Object.seal(record);
record.a = 2;

//: params written => {"a":1}
params.a = 2;

//: params replaced => {"a":1,"b":5}
params = { x: 5 };
record.b = params.x;

//: Object.prototype polluted => {"a":1}
Object.prototype.polluted = true;
({}).__proto__.more = 1;

//: Object.prototype polluted with a getter => {"a":1}
Object.defineProperty(Object.prototype, 'b', { enumerable: true, get() { for (;;); } });

//: Object.prototype polluted with toJSON => {"a":1}
Object.prototype.toJSON = () => { for (;;); };

//: Array.prototype polluted with numbers => {"a":["stolen",2]}
Array.prototype[0] = 'stolen';
const list = [];
list[1] = 2;
record.a = list;

//: Array.prototype's iterator replaced => {"a":[1,2]}
Array.prototype[Symbol.iterator] = function* () { for (;;) yield 1; };
record.a = [1, 2];

//: the prototype of the record replaced => {"a":1}
record.__proto__ = { b: 2 };
Object.setPrototypeOf(record, { get c() { for (;;); } });

//: the record's prototype is an array => {"a":1}
Object.setPrototypeOf(record, []);

//: __proto__ as a name of its own => {"a":1,"__proto__":{"b":2}}
Object.defineProperty(record, '__proto__', { value: { b: 2 }, enumerable: true });

//: __proto__ from JSON => {"a":{"__proto__":{"b":2}}}
record.a = JSON.parse('{"__proto__":{"b":2}}');

//: constructor as a field => {"a":1,"constructor":{"prototype":1}}
record.constructor = { prototype: 1 };

//: a class instance for a record => {"x":1}
class R { x = 1; #hidden = 2; get y() { return 3; } static z = 4; }
record = new R();

//: a function with properties for a field => {"a":1}
const f = () => 1;
f.x = 1;
record.f = f;

//: a symbol for a key => {"a":1}
record[Symbol('x')] = 1;
record[Symbol.toPrimitive] = () => { for (;;); };

//: a property that is not enumerable => {"a":1}
Object.defineProperty(record, 'hidden', { value: 1, enumerable: false });

//: wrapped values => {"a":1,"n":{},"s":{},"b":{}}
record.n = new Number(1);
record.s = new String('x');
record.b = new Boolean(true);

//: a map, a set, a pattern and an error in the record => {"a":1,"m":{},"s":{},"r":{},"e":{}}
record.m = new Map([[1, 2]]);
record.s = new Set([1]);
record.r = /x/;
record.e = new Error('x');

//: toJSON of a field is not asked => {"a":1,"t":{}}
record.t = { toJSON() { for (;;); } };

//: an array with a name => {"a":[1]}
record.a = [1];
record.a.name = 2;

//: an array with a getter => SCRIPT_FAILED
record.a = [1];
Object.defineProperty(record.a, 0, { get() { for (;;); }, enumerable: true });

//: an array's length is a lie => SCRIPT_
record.a = Object.create(Array.prototype, { length: { value: 4294967295, enumerable: true } });
for (;;);

//: a subclass of Array => {"a":[1,2]}
class L extends Array { get length2() { return 1; } map() { for (;;); } }
record.a = L.from([1, 2]);

//: -0, and numbers at their ends => {"a":1,"z":0,"m":9007199254740991,"e":5E-324,"x":1.7976931348623157E+308}
record.z = -0;
record.m = Number.MAX_SAFE_INTEGER;
record.e = Number.MIN_VALUE;
record.x = Number.MAX_VALUE;

//: not a number => SCRIPT_FAILED record.x is NaN
record.x = NaN;

//: an infinity deep within => SCRIPT_FAILED record.x.y is Infinity
record.x = { y: [{ z: 1 }, 1 / 0] };

//: a date that is none => {"a":1,"d":null}
record.d = new Date('nonsense');

//: a date beyond what can be written => SCRIPT_FAILED
record.d = new Date(8.64e15);

//: a date before what can be written => SCRIPT_FAILED
record.d = new Date(-8.64e15);

//: a date of an invalid kind => {"a":1,"d":"1970-01-01T00:00:00Z"}
record.d = new Date(0);
record.d.toISOString = () => { for (;;); };

//: half a character => {"a":1,"s":"\ud800"}
record.s = '\ud800';

//: half a character as a name => {"a":1,"\udc00":1}
record['\udc00'] = 1;

//: nothing at all in a text => {"a":1,"s":"\u0000"}
record.s = '\0';

//: unicode escapes in names => {"a":1,"b":2}
record.\u0062 = 2;

//: text that runs from right to left => {"a":1,"b":"‮abc"}
record.b = '\u202eabc';

//: line separators in the source => {"a":1,"b":"  "}
record.b = '  ';

//: HTML comments => {"a":1}
<!-- record.a = 2;
record.a = 1;

//: a hashbang => {"a":1}
#!/usr/bin/env node
record.a = 1;

//: use strict and a return => dropped
'use strict';
return false;

//: return in a nested function does not drop => {"a":1}
(() => false)();
(function () { return false; })();

//: Boolean object is not false => {"a":1}
return new Boolean(false);

//: falsy values are not false => {"a":1}
return [0, '', null, undefined, NaN][Date.now() % 5];

//: an unfinished promise as the result => SCRIPT_FAILED
return new Promise(() => {});

//: throw undefined => SCRIPT_FAILED Line 1: undefined
throw undefined;

//: throw a function => SCRIPT_FAILED
throw () => { for (;;); };

//: throw an object whose toString does not end => SCRIPT_
throw { toString() { for (;;); }, get message() { for (;;); }, get name() { for (;;); } };

//: throw the record => SCRIPT_FAILED
throw record;

//: throw a very long message => SCRIPT_FAILED
throw new Error('x'.repeat(100000));

//: throw an error of another kind => SCRIPT_FAILED Line 2: Mine: no
class Mine extends Error { constructor(m) { super(m); this.name = 'Mine'; } }
throw new Mine('no');

//: an error's message with line breaks and control characters => SCRIPT_FAILED
throw new Error('a\n\r\t\0\x1b[31mred');

//: Error.prepareStackTrace => SCRIPT_FAILED
Error.prepareStackTrace = () => { for (;;); };
Error.stackTraceLimit = Infinity;
throw new Error('x');

//: Error.captureStackTrace on something else => SCRIPT_
const o = {};
Error.captureStackTrace(o);
for (;;) new Error('x').stack;

//: debugger => {"a":1}
debugger;

//: console is not there => SCRIPT_FAILED
console.log('x');

//: a weak reference that is waited for => SCRIPT_FAILED
new WeakRef({}).deref();
new FinalizationRegistry(() => { for (;;); }).register({}, 1);

//: Intl => SCRIPT_FAILED
new Intl.NumberFormat('de').format(1);

//: Temporal => SCRIPT_FAILED
Temporal.Now.instant();

//: a generator left open => {"a":1}
function* g() { try { yield 1; } finally { for (;;); } }
g().next();

//: a generator closed by destructuring => SCRIPT_TIMEOUT
function* g() { try { yield 1; } finally { for (;;); } }
const [x] = g();

//: using, with a dispose that does not end => SCRIPT_
{ using r = { [Symbol.dispose]() { for (;;); } }; }

//: a private name that is not there => SCRIPT_FAILED
class A { #x = 1; static read(o) { return o.#x; } }
A.read({});

//: new.target, super and their friends => {"a":1}
class A { constructor() { this.t = new.target === A; } m() { return 1; } }
class B extends A { m() { return super.m() + 1; } }
record.a = new B().m() - 1;
