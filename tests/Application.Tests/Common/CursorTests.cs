using CsCheck;
using DataPipeline.Application.Common;

namespace DataPipeline.Application.Tests.Common;

public sealed class CursorTests
{
    [Fact]
    public void AnIdAndAnIndex_ComeBackAsTheyWere() => Gen.Select(Gen.Guid, Gen.Int[0, int.MaxValue]).Sample((id, index) =>
        Cursor.ReadId('a', Cursor.Of('a', id)).Value == id && Cursor.ReadIndex('a', Cursor.Of('a', index)).Value == index);

    [Fact]
    public void NoCursor_IsTheBeginning()
    {
        Assert.Null(Cursor.ReadId('a', null).Value);
        Assert.Equal(-1, Cursor.ReadIndex('a', null).Value);
    }

    [Fact]
    public void AnyOtherText_IsRefused() => Gen.String.Sample(text =>
        Cursor.ReadId('a', text).Error?.Code == "INVALID_CURSOR" && Cursor.ReadIndex('a', text).Error?.Code == "INVALID_CURSOR");

    [Fact]
    public void ACursorOfAnotherList_IsRefused()
    {
        Assert.Equal("INVALID_CURSOR", Cursor.ReadId('a', Cursor.Of('b', Guid.Empty)).Error?.Code);
        Assert.Equal("INVALID_CURSOR", Cursor.ReadIndex('a', Cursor.Of('b', 1)).Error?.Code);
        Assert.Equal("INVALID_CURSOR", Cursor.ReadIndex('a', Cursor.Of('a', -1)).Error?.Code);
    }

    [Theory]
    [InlineData(2, null)]
    [InlineData(3, null)]
    [InlineData(4, "3")]
    public void APage_HasANextOne_WhereThereIsMore(int rows, string? next)
    {
        var page = Page<int>.Of([.. Enumerable.Range(1, rows)], 3, row => $"{row}");

        Assert.Equal(next, page.NextCursor);
        Assert.Equal(Math.Min(rows, 3), page.Items.Count);
    }
}
