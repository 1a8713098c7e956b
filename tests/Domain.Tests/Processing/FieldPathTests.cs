using CsCheck;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Domain.Tests.Processing;

public sealed class FieldPathTests
{
    [Theory]
    [InlineData("a", "a")]
    [InlineData("customer.email", "customer|email")]
    [InlineData("items.0.sku", "items|0|sku")]
    [InlineData("['a.b'].c", "a.b|c")]
    [InlineData("x['d.e'].f", "x|d.e|f")]
    [InlineData("x.['d.e']['g']", "x|d.e|g")]
    [InlineData("['it\\'s']", "it's")]
    [InlineData("['a\\\\b']", "a\\b")]
    [InlineData("['[]']", "[]")]
    [InlineData("@timestamp", "@timestamp")]
    [InlineData("first name", "first name")]
    public void TryParse_SplitsAPath(string text, string segments)
    {
        var path = FieldPath.Parse(text);
        Assert.Equal(segments.Split('|'), path.Segments);
        Assert.Equal(text, path.ToString());
        Assert.Equal(path, FieldPath.Of(path.Segments));
        Assert.Equal(path.GetHashCode(), FieldPath.Of(path.Segments).GetHashCode());
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a.")]
    [InlineData(".a")]
    [InlineData("a..b")]
    [InlineData("a]")]
    [InlineData("a[0]")]
    [InlineData("[a]")]
    [InlineData("[''].a")]
    [InlineData("['a'")]
    [InlineData("['a")]
    [InlineData("['a']b")]
    [InlineData("[")]
    public void TryParse_RefusesWhatIsNoPath(string text)
    {
        Assert.False(FieldPath.TryParse(text, out var path, out var error));
        Assert.Null(path);
        Assert.NotEmpty(error);
        Assert.Equal(error, Assert.Throws<FormatException>(() => FieldPath.Parse(text)).Message);
    }

    [Fact]
    public void Parse_OfTheTextOfAPath_IsThePath() => Gen.String[1, 10].Array[1, FieldPath.MaxSegments].Sample(segments =>
        Assert.Equal(segments, FieldPath.Parse(FieldPath.Of(segments).Text).Segments));

    [Fact]
    public void TryParse_NeverThrows() => Gen.String["a.[]'\\0"].Sample(text => FieldPath.TryParse(text, out var path, out _) == path is not null);

    [Fact]
    public void APath_HasAtMost64Segments()
    {
        Assert.True(FieldPath.TryParse(string.Join('.', Enumerable.Repeat("a", 64)), out _, out _));
        Assert.False(FieldPath.TryParse(string.Join('.', Enumerable.Repeat("a", 65)), out _, out _));
        Assert.Throws<ArgumentException>(() => FieldPath.Of(Enumerable.Repeat("a", 65).ToArray()));
        Assert.Throws<ArgumentException>(() => FieldPath.Of());
        Assert.Throws<ArgumentException>(() => FieldPath.Of("a", ""));
    }

    [Fact]
    public void Paths_AreEqualWhereTheyLeadToTheSamePlace()
    {
        Assert.Equal(FieldPath.Parse("a.b"), FieldPath.Parse("['a']['b']"));
        Assert.NotEqual(FieldPath.Parse("a.b"), FieldPath.Parse("['a.b']"));
        Assert.False(FieldPath.Parse("a").Equals((object?)null));
    }

    [Theory]
    [InlineData("a", "/a")]
    [InlineData("items.0.sku", "/items/0/sku")]
    [InlineData("['a.b'].c", "/a.b/c")]
    [InlineData("a/b.c~d", "/a~1b/c~0d")]
    public void APath_IsAJsonPointerToo(string path, string expected) => Assert.Equal(expected, FieldPath.Parse(path).ToJsonPointer());
}
