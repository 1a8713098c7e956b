namespace DataPipeline.Application.Tests.Processing;

/// <summary>The built-in processors that do not convert: options, record, what becomes of it.</summary>
public sealed class BuiltInTests
{
    [Theory]
    [InlineData("""{"field":"a","value":1}""", """{"b":2}""", """{"b":2,"a":1}""")]
    [InlineData("""{"field":"a.b.c","value":true}""", "{}", """{"a":{"b":{"c":true}}}""")]
    [InlineData("""{"field":"m.0.x","value":1}""", "{}", """{"m":{"0":{"x":1}}}""")]
    [InlineData("""{"field":"a.b","value":1}""", """{"a":null}""", """{"a":{"b":1}}""")]
    [InlineData("""{"field":"a.b","value":1}""", """{"a":5}""", "INVALID_PATH a.b cannot be written: it runs through a value that is neither object nor array, past the end of an array, or too deep.")]
    [InlineData("""{"field":"a.1.b","value":1}""", """{"a":[{}, {"c":0}]}""", """{"a":[{},{"c":0,"b":1}]}""")]
    [InlineData("""{"field":"a.2","value":1}""", """{"a":[0,1]}""", "INVALID_PATH a.2 cannot be written: it runs through a value that is neither object nor array, past the end of an array, or too deep.")]
    [InlineData("""{"field":"x['d.e'].f","value":1}""", """{"x":{"d.e":{"f":0}}}""", """{"x":{"d.e":{"f":1}}}""")]
    [InlineData("""{"field":"a","value":null}""", "{}", """{"a":null}""")]
    [InlineData("""{"field":"a","value":"x {{b}} y {{c.d}}"}""", """{"b":1.10}""", """{"b":1.10,"a":"x 1.10 y "}""")]
    [InlineData("""{"field":"a","value":"{{b}}"}""", """{"b":{"c":[1.0]}}""", """{"b":{"c":[1.0]},"a":{"c":[1.0]}}""")]
    [InlineData("""{"field":"a","value":"{{b}}"}""", "{}", """{"a":""}""")]
    [InlineData("""{"field":"a","value":"{{b}}"}""", """{"b":null}""", """{"b":null,"a":null}""")]
    [InlineData("""{"field":"a","value":{"x":["{{b}}","{{ record.index }}"],"y":"{{pipeline.name}}/{{now}}"}}""", """{"b":2}""", """{"b":2,"a":{"x":[2,7],"y":"orders/2026-03-04T05:06:07Z"}}""")]
    [InlineData("""{"field":"a","value":"{{pipeline.id}} {{batch.id}}"}""", "{}", """{"a":"00000000-0000-0000-0000-000000000000 00000000-0000-0000-0000-000000000000"}""")]
    [InlineData("""{"field":"a","value":"{{['now']}}"}""", """{"now":3}""", """{"now":3,"a":3}""")]
    [InlineData("""{"field":"a","value":"{{failure.code}}"}""", """{"failure":{"code":9}}""", """{"failure":{"code":9},"a":9}""")]
    [InlineData("""{"field":"a","value":1,"override":false}""", """{"a":2}""", """{"a":2}""")]
    [InlineData("""{"field":"a","value":1,"override":false}""", """{"a":null}""", """{"a":1}""")]
    [InlineData("""{"field":"a","value":"{{b}}","ignoreEmptyValue":true}""", """{"a":2}""", """{"a":2}""")]
    [InlineData("""{"field":"a","value":null,"ignoreEmptyValue":true}""", """{"a":2}""", """{"a":2}""")]
    [InlineData("""{"field":"a","copyFrom":"b.c"}""", """{"b":{"c":[1]}}""", """{"b":{"c":[1]},"a":[1]}""")]
    [InlineData("""{"field":"a","copyFrom":"b"}""", "{}", "FIELD_MISSING b is missing.")]
    [InlineData("""{"field":"a","copyFrom":"b"}""", """{"b":null}""", "FIELD_MISSING b is missing.")]
    [InlineData("""{"field":"a","copyFrom":"b","ignoreEmptyValue":true}""", "{}", "{}")]
    public void Set(string options, string record, string expected) => Assert.Equal(expected, Engine.RunStep("set", options, record));

    [Theory]
    [InlineData("""{"sourceField":"a","targetField":"b.c"}""", """{"a":{"x":1}}""", """{"a":{"x":1},"b":{"c":{"x":1}}}""")]
    [InlineData("""{"sourceField":"a","targetField":"b"}""", """{"a":1,"b":"z"}""", "TARGET_EXISTS b exists already: \"z\".")]
    [InlineData("""{"sourceField":"a","targetField":"b"}""", """{"a":1,"b":null}""", """{"a":1,"b":1}""")]
    [InlineData("""{"sourceField":"a","targetField":"b","override":true}""", """{"a":1,"b":2}""", """{"a":1,"b":1}""")]
    [InlineData("""{"sourceField":"a","targetField":"b","removeSource":true}""", """{"a":1}""", """{"b":1}""")]
    [InlineData("""{"sourceField":"a","targetField":"a.b","removeSource":true}""", """{"a":1}""", """{"a":{"b":1}}""")]
    [InlineData("""{"sourceField":"a","targetField":"b"}""", """{"a":null}""", "FIELD_MISSING a is missing.")]
    [InlineData("""{"sourceField":"a","targetField":"b","ignoreMissing":true}""", "{}", "{}")]
    public void Copy(string options, string record, string expected) => Assert.Equal(expected, Engine.RunStep("copy", options, record));

    [Theory]
    [InlineData("""{"field":"customer.email","targetField":"email"}""", """{"customer":{"email":"x","n":1}}""", """{"customer":{"n":1},"email":"x"}""")]
    [InlineData("""{"field":"a","targetField":"a.b"}""", """{"a":1}""", """{"a":{"b":1}}""")]
    [InlineData("""{"field":"a","targetField":"a.b"}""", """{"a":{"b":1}}""", """{"a":{"b":{"b":1}}}""")]
    [InlineData("""{"field":"b.x","targetField":"b"}""", """{"b":{"x":1}}""", "TARGET_EXISTS b exists already: {}.")]
    [InlineData("""{"field":"b.x","targetField":"b","override":true}""", """{"b":{"x":1,"y":2}}""", """{"b":1}""")]
    [InlineData("""{"field":"a","targetField":"b"}""", """{"a":1,"b":2}""", "TARGET_EXISTS b exists already: 2.")]
    [InlineData("""{"field":"a","targetField":"b"}""", "{}", "FIELD_MISSING a is missing.")]
    [InlineData("""{"field":"a","targetField":"b","ignoreMissing":true}""", """{"a":null}""", """{"a":null}""")]
    [InlineData("""{"field":"l.0","targetField":"first"}""", """{"l":[1,2]}""", """{"l":[2],"first":1}""")]
    public void Rename(string options, string record, string expected) => Assert.Equal(expected, Engine.RunStep("rename", options, record));

    [Theory]
    [InlineData("""{"field":"a"}""", """{"a":null,"b":1}""", """{"b":1}""")]
    [InlineData("""{"field":["a","b.c"]}""", """{"a":1,"b":{"c":1,"d":2}}""", """{"b":{"d":2}}""")]
    [InlineData("""{"field":["a","z"]}""", """{"a":1}""", "FIELD_MISSING z is missing.")]
    [InlineData("""{"field":["a","z"],"ignoreMissing":true}""", """{"a":1}""", "{}")]
    [InlineData("""{"field":"l.1"}""", """{"l":[1,2,3]}""", """{"l":[1,3]}""")]
    [InlineData("""{"field":"l.1.x"}""", """{"l":[1,{"x":2}]}""", """{"l":[1,{}]}""")]
    [InlineData("""{"field":"a.b"}""", """{"a":1}""", "FIELD_MISSING a.b is missing.")]
    [InlineData("""{"keep":"a"}""", """{"a":1,"b":2}""", """{"a":1}""")]
    [InlineData("""{"keep":["b.c","z","l.1","a.x"]}""", """{"a":1,"b":{"c":1.0,"d":2},"l":[1,{"k":2},3]}""", """{"b":{"c":1.0},"l":[{"k":2}]}""")]
    public void Remove(string options, string record, string expected) => Assert.Equal(expected, Engine.RunStep("remove", options, record));

    [Theory]
    [InlineData("""{"field":"a","value":"x"}""", "{}", """{"a":["x"]}""")]
    [InlineData("""{"field":"a","value":["x",2]}""", """{"a":null}""", """{"a":["x",2]}""")]
    [InlineData("""{"field":"a","value":"x"}""", """{"a":"w"}""", """{"a":["w","x"]}""")]
    [InlineData("""{"field":"a","value":"x"}""", """{"a":{"k":1}}""", """{"a":[{"k":1},"x"]}""")]
    [InlineData("""{"field":"a","value":"x"}""", """{"a":["x"]}""", """{"a":["x","x"]}""")]
    [InlineData("""{"field":"a","value":["x","y","y"],"allowDuplicates":false}""", """{"a":["x"]}""", """{"a":["x","y"]}""")]
    [InlineData("""{"field":"a","value":1,"allowDuplicates":false}""", """{"a":1.0}""", """{"a":1.0}""")]
    [InlineData("""{"field":"a","value":[]}""", """{"a":1}""", """{"a":1}""")]
    [InlineData("""{"field":"a","value":[]}""", "{}", "{}")]
    [InlineData("""{"field":"a","value":"{{b}}"}""", """{"b":[1,2]}""", """{"b":[1,2],"a":[1,2]}""")]
    [InlineData("""{"field":"a.b","value":"x"}""", """{"a":1}""", "INVALID_PATH a.b cannot be written: it runs through a value that is neither object nor array, past the end of an array, or too deep.")]
    public void Append(string options, string record, string expected) => Assert.Equal(expected, Engine.RunStep("append", options, record));

    [Theory]
    [InlineData("lowercase", """{"a":"ABC é ÀÉ"}""", """{"a":"abc é àé"}""")]
    [InlineData("lowercase", """{"a":"Abc"}""", """{"a":"abc"}""")]
    [InlineData("lowercase", """{"a":"A\n\u0042"}""", """{"a":"a\nb"}""")]
    [InlineData("lowercase", """{"a":["A","b"]}""", """{"a":["a","b"]}""")]
    [InlineData("lowercase", """{"a":"A\ud800"}""", """{"a":"a\ud800"}""")]
    [InlineData("lowercase", """{"a":1}""", "TYPE_MISMATCH a: 1 is not a string")]
    [InlineData("lowercase", """{"a":["A",null]}""", "TYPE_MISMATCH a: null is not a string")]
    [InlineData("lowercase", "{}", "FIELD_MISSING a is missing.")]
    [InlineData("uppercase", """{"a":"abc ß é"}""", """{"a":"ABC ß É"}""")]
    [InlineData("uppercase", """{"a":"abC"}""", """{"a":"ABC"}""")]
    [InlineData("trim", """{"a":"  x y\t"}""", """{"a":"x y"}""")]
    [InlineData("trim", """{"a":"\u00a0x\u3000"}""", """{"a":"x"}""")]
    [InlineData("trim", """{"a":"x"}""", """{"a":"x"}""")]
    public void Text(string type, string record, string expected) => Assert.Equal(expected, Engine.RunStep(type, """{"field":"a"}""", record));

    [Fact]
    public void ATextProcessor_WithATarget_LeavesItsField() =>
        Assert.Equal("""{"a":" X ","b":{"c":"X"}}""", Engine.RunStep("trim", """{"field":"a","targetField":"b.c"}""", """{"a":" X "}"""));

    [Fact]
    public void AMissingField_WithIgnoreMissing_ChangesNothing() =>
        Assert.Equal("""{"a":null}""", Engine.RunStep("trim", """{"field":"a","targetField":"b.c","ignoreMissing":true}""", """{"a":null}"""));

    [Theory]
    [InlineData("""{"field":"a","separator":","}""", """{"a":"x,y,,z,,"}""", """{"a":["x","y","","z"]}""")]
    [InlineData("""{"field":"a","separator":",","preserveTrailing":true}""", """{"a":"x,,"}""", """{"a":["x","",""]}""")]
    [InlineData("""{"field":"a","separator":"\\s*(;|,)\\s*"}""", """{"a":"x ; y,z"}""", """{"a":["x","y","z"]}""")]
    [InlineData("""{"field":"a","separator":""}""", """{"a":"xyz"}""", """{"a":["x","y","z"]}""")]
    [InlineData("""{"field":"a","separator":","}""", """{"a":""}""", """{"a":[""]}""")]
    [InlineData("""{"field":"a","separator":","}""", """{"a":",,"}""", """{"a":[]}""")]
    [InlineData("""{"field":"a","separator":","}""", """{"a":5}""", "TYPE_MISMATCH a: 5 is not a string")]
    public void Split(string options, string record, string expected) => Assert.Equal(expected, Engine.RunStep("split", options, record));

    [Theory]
    [InlineData("""{"field":"a","separator":"-"}""", """{"a":["x",1.10,true,null]}""", """{"a":"x-1.10-true-"}""")]
    [InlineData("""{"field":"a","separator":"-"}""", """{"a":[]}""", """{"a":""}""")]
    [InlineData("""{"field":"a","separator":"-"}""", """{"a":"x"}""", "TYPE_MISMATCH a: \"x\" is not an array")]
    [InlineData("""{"field":"a","separator":"-"}""", """{"a":[{"b":1}]}""", "TYPE_MISMATCH a: {\"b\":1} is not a text, a number or a boolean")]
    public void Join(string options, string record, string expected) => Assert.Equal(expected, Engine.RunStep("join", options, record));

    [Theory]
    [InlineData("""{"field":"a","pattern":"\\d+","replacement":"#"}""", """{"a":"a1b22"}""", """{"a":"a#b#"}""")]
    [InlineData("""{"field":"a","pattern":"(?<x>\\w+)@(\\w+)","replacement":"$1 at ${x}"}""", """{"a":"me@home"}""", """{"a":"home at me"}""")]
    [InlineData("""{"field":"a","pattern":"x","replacement":""}""", """{"a":["xa","b"]}""", """{"a":["a","b"]}""")]
    public void Gsub(string options, string record, string expected) => Assert.Equal(expected, Engine.RunStep("gsub", options, record));

    [Fact]
    public void Drop_EndsTheRecord() => Assert.Equal("dropped", Engine.Run("""{"type":"drop"},{"type":"fail","options":{"message":"no"}}""", "{}"));

    [Fact]
    public void Fail_FillsItsMessage() => Assert.Equal("FAILED_ON_PURPOSE bad 5", Engine.RunStep("fail", """{"message":"bad {{a}}"}""", """{"a":5}"""));

    [Fact]
    public void Terminate_DeliversWithoutTheRest() => Assert.Equal("{}", Engine.Run("""{"type":"terminate"},{"type":"fail","options":{"message":"no"}}""", "{}"));
}
