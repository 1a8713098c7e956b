//: trim, case, pad and repeat | {"s":"  Ada "} => {"s":"Ada","u":"ADA","l":"ada","p":"007","e":"7..","r":"ababab"}
record.s = record.s.trim();
record.u = record.s.toUpperCase();
record.l = record.s.toLowerCase();
record.p = '7'.padStart(3, '0');
record.e = '7'.padEnd(3, '.');
record.r = 'ab'.repeat(3);

//: split, join, slice and their friends | {"s":"a,b;c"} => {"s":"a,b;c","p":["a","b","c"],"i":1,"t":"b;c","x":"b","c":"a","y":true,"n":99}
record.p = record.s.split(/[,;]/);
record.i = record.s.indexOf(',');
record.t = record.s.slice(2);
record.x = record.s.substring(2, 3);
record.c = record.s[0];
record.y = record.s.startsWith('a') && record.s.endsWith('c') && record.s.includes(',');
record.n = record.s.charCodeAt(4);

//: split by text, with a limit | {"s":"a b c"} => {"s":"a b c","p":["a","b"],"l":["a"," ","b"]}
record.p = record.s.split(' ', 2);
record.l = record.s.split('', 3);

//: template strings | {"n":"Ada","a":[1,2]} => {"n":"Ada","a":[1,2],"t":"Ada has 1,2 and 3"}
record.t = `${record.n} has ${record.a} and ${record.a[0] + record.a[1]}`;

//: tagged template strings | {"n":"Ada"} => {"n":"Ada","t":"Hello <Ada>!","r":"a\\nb"}
const tag = (parts, ...values) => parts.reduce((s, p, i) => s + `<${values[i - 1]}>` + p);
record.t = tag`Hello ${record.n}!`;
record.r = String.raw`a\nb`;

//: replace, with groups, names and functions | {"s":"2025-12-24"} => {"s":"24.12.2025","d":"2025/12/24","f":"[2025]-[12]-[24]","n":"24-12-2025","one":"2025+12-24"}
const s = record.s;
record.s = s.replace(/(\d+)-(\d+)-(\d+)/, '$3.$2.$1');
record.d = s.replaceAll('-', '/');
record.f = s.replace(/\d+/g, m => `[${m}]`);
record.n = s.replace(/(?<y>\d+)-(?<m>\d+)-(?<d>\d+)/, (...all) => { const g = all.at(-1); return `${g.d}-${g.m}-${g.y}`; });
record.one = s.replace('-', '+');

//: match, matchAll, test, exec and search | {"s":"a=1, b=22"} => {"s":"a=1, b=22","m":["1","22"],"k":{"a":"1","b":"22"},"t":true,"e":["b=22","b","22"],"i":2,"none":null}
record.m = record.s.match(/\d+/g);
record.k = Object.fromEntries([...record.s.matchAll(/(\w)=(\d+)/g)].map(m => [m[1], m[2]]));
record.t = /b=\d\d/.test(record.s);
record.e = [.../(b)=(\d+)/.exec(record.s)];
record.i = record.s.search(/\d/);
record.none = record.s.match(/z/);

//: patterns from params | {"s":"order 17"} => {"s":"order 17","n":"17"}
record.n = new RegExp('(\\d+)', 'i').exec(record.s)[1];

//: patterns: lastIndex, sticky, flags, source and instanceof | {} => {"r":["1","2"],"f":"gi","s":"a|b","is":true,"y":[true,false]}
const r = /\d/g;
record.r = [];
for (let m; (m = r.exec('1a2'));) record.r.push(m[0]);
const p = new RegExp('a|b', 'gi');
record.f = p.flags;
record.s = p.source;
record.is = p instanceof RegExp && /x/ instanceof RegExp;
record.y = [/a/y.test('ab'), /b/y.test('ab')];

//: look-around, back references and Unicode classes | {"s":"price: 12 EUR, straße 5"} => {"s":"price: 12 EUR, straße 5","n":"12","w":["price","EUR","straße"],"d":"oo"}
record.n = record.s.match(/\d+(?= EUR)/)[0];
record.w = record.s.match(/\p{L}+/gu);
record.d = 'book'.match(/(.)\1/)[0];

//: characters beyond the basic plane, and combined ones | {"s":"a😀e\u0301"} => {"s":"a😀e\u0301","n":5,"c":["a","😀","e","́"],"p":128512,"u":"é"}
record.n = record.s.length;
record.c = [...record.s];
record.p = record.s.codePointAt(1);
record.u = record.s.normalize('NFC').slice(-1);

//: letter by letter | {"s":"abc"} => {"s":"abc","o":"c-b-a","n":{"a":1,"b":1,"c":1}}
let o = [];
for (const c of record.s) o.unshift(c);
record.o = o.join('-');
record.n = {};
for (const c of record.s) record.n[c] = (record.n[c] || 0) + 1;

//: URI encoding and comparing | {"s":"a b&ü"} => {"s":"a b&ü","e":"a%20b%26%C3%BC","d":"a b&ü","c":[-1,0,1]}
record.e = encodeURIComponent(record.s);
record.d = decodeURIComponent(record.e);
record.c = ['a'.localeCompare('b'), 'a'.localeCompare('a'), 'b'.localeCompare('a')];

//: numbers and texts | {"s":"12.50"} => {"s":"12.50","r":[12.5,12,"12.50","12.5","ff",255,"1,234.50",true,false]}
const n = Number(record.s);
record.r = [n, parseInt(record.s, 10), n.toFixed(2), n.toString(), (255).toString(16), parseInt('ff', 16), '1234.50'.replace(/\B(?=(\d{3})+(?!\d))/g, ','), isNaN('x'), isNaN('1')];

//: a slug | {"t":"  Héllo, Wörld & friends! "} => {"t":"  Héllo, Wörld & friends! ","slug":"hello-world-friends"}
record.slug = record.t.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');

//: a mask | {"card":"4111111111111111"} => {"card":"************1111"}
record.card = record.card.replace(/\d(?=\d{4})/g, '*');

//: a text of ten thousand characters | {} => {"n":10000,"x":5000,"w":5001,"s":true}
const s = 'ab'.repeat(5000);
record.n = s.length;
record.x = s.replace(/b/g, '').length;
record.w = s.split('b').length;
record.s = s.includes('ba') && s.toUpperCase().startsWith('AB') && [...s].length === 10000;
