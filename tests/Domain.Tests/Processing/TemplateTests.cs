using DataPipeline.Domain.Processing;
using Record = DataPipeline.Domain.Processing.Record;

namespace DataPipeline.Domain.Tests.Processing;

public sealed class TemplateTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, 800, TimeSpan.Zero);

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("{ a } }}", "{ a } }}")]
    [InlineData("{{a}}", "x")]
    [InlineData("<{{ a }}|{{n}}|{{b.c}}>", "<x|1.10|true>")]
    [InlineData("{{z}}{{missing}}!", "!")]
    [InlineData("{{l}}", "[1,\"y\"]")]
    [InlineData("é {{e}}", "é line\nfeed")]
    [InlineData("{{record.index}} {{pipeline.name}} {{batch.id}}.", "0  .")]
    [InlineData("{{now}}", "2026-03-04T05:06:07.8Z")]
    [InlineData("{{failure.code}}", "")]
    public void Format_FillsIn(string text, string expected)
    {
        var template = Template.Parse(text);
        Assert.Equal(expected, template.Format(Some(), Context()));
        Assert.Equal(expected, template.Evaluate(Some(), Context()).ToText());
        Assert.Equal(text, template.ToString());
    }

    [Fact]
    public void Format_OfALongText_FillsIn()
    {
        var template = Template.Parse($"{new string('é', 600)}{{{{a}}}}");
        Assert.Equal(new string('é', 600) + "x", template.Evaluate(Some(), Context()).GetString());
    }

    [Theory]
    [InlineData("{{n}}", RecordValueKind.Number)]
    [InlineData("{{l}}", RecordValueKind.Array)]
    [InlineData("{{b}}", RecordValueKind.Object)]
    [InlineData("{{z}}", RecordValueKind.Null)]
    [InlineData("{{missing}}", RecordValueKind.String)]
    [InlineData("{{record.index}}", RecordValueKind.Number)]
    [InlineData("{{n}} ", RecordValueKind.String)]
    public void Evaluate_OfOnePlaceholderAlone_KeepsTheType(string text, RecordValueKind expected) => Assert.Equal(expected, Template.Parse(text).Evaluate(Some(), Context()).Kind);

    [Fact]
    public void TheFailure_IsSeenWhileItIsHandled()
    {
        var context = Context();
        context.Handle(new ProcessorFailure("C", "m", "t", null));
        Assert.Equal("C m t ", Template.Parse("{{failure.code}} {{failure.message}} {{failure.processor.type}} {{failure.processor.tag}}").Format(Some(), context));
        context.MoveTo(3);
        Assert.Equal("3 ", Template.Parse("{{record.index}} {{failure.code}}").Format(Some(), context));
    }

    [Theory]
    [InlineData("{{")]
    [InlineData("{{a")]
    [InlineData("x {{}} y")]
    [InlineData("{{a..b}}")]
    [InlineData("{{{a}}}")]
    public void TryParse_RefusesWhatIsNoTemplate(string text)
    {
        Assert.False(Template.TryParse(text, out _, out var error));
        Assert.NotEmpty(error);
        Assert.Throws<FormatException>(() => Template.Parse(text));
        Assert.False(ValueTemplate.TryParse(RecordValue.From(text), out _, out _));
    }

    [Theory]
    [InlineData("{{a}}", true)]
    [InlineData("a{{b}}c", true)]
    [InlineData("}}{{", false)]
    [InlineData("{{", false)]
    [InlineData("{a}", false)]
    public void LooksLikeOne(string text, bool expected) => Assert.Equal(expected, Template.LooksLikeOne(text));

    private static Record Some() => Record.TryParse("""{"a":"x","n":1.10,"b":{"c":true},"z":null,"l":[1,"y"],"e":"line\nfeed"}"""u8.ToArray(), out var record) ? record : throw new InvalidOperationException();

    private static ProcessorContext Context() => new(new Fixed());

    private sealed class Fixed : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
