using DataPipeline.Domain.ApiKeys;
using DataPipeline.Domain.Common;

namespace DataPipeline.Domain.Tests.ApiKeys;

public sealed class ApiKeyTests
{
    private static ApiKey Issue(DateTimeOffset? expires = null) => ApiKey.Issue(Guid.Empty, new OwnerId("team-a"), "ci", "abcdefgh", [1, 2, 3], Some.Noon, expires);

    [Fact]
    public void AKeyWithoutExpiry_IsUsableForEver() => Assert.True(Issue().IsUsable(Some.Noon.AddYears(100)));

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void AKey_IsRefusedFromItsExpiryOn(int secondsFromExpiry, bool usable)
    {
        var expiry = Some.Noon.AddDays(1);

        Assert.Equal(usable, Issue(expiry).IsUsable(expiry.AddSeconds(secondsFromExpiry)));
    }

    [Fact]
    public void Revoke_EndsTheKey_AndKeepsItsFirstTime()
    {
        var key = Issue();

        key.Revoke(Some.Noon);
        key.Revoke(Some.Noon.AddDays(1));

        Assert.False(key.IsUsable(Some.Noon));
        Assert.Equal(Some.Noon, key.RevokedAt);
    }

    [Theory]
    [InlineData("team-a", true)]
    [InlineData("a.b_c@D9", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("team a", false)]
    [InlineData("team\n", false)]
    [InlineData("équipe", false)]
    public void AnOwner_IsAWordThatNeedsNoEscaping(string? owner, bool valid) => Assert.Equal(valid, OwnerId.IsValid(owner));

    [Fact]
    public void AnOwner_HasAtMostOneHundredCharacters()
    {
        Assert.True(OwnerId.IsValid(new string('a', 100)));
        Assert.False(OwnerId.IsValid(new string('a', 101)));
    }

    [Fact]
    public void AKeyThatIsReplaced_NamesItsSuccessor_AndItsEndIsOnlyEverMovedNearer()
    {
        var (endless, ending) = (Issue(), Issue(Some.Noon.AddDays(1)));
        var successor = ApiKey.Issue(Guid.Empty, new OwnerId("team-a"), "ci", "ijklmnop", [4, 5, 6], Some.Noon);

        foreach (var key in (ApiKey[])[endless, ending]) key.ReplaceBy(successor, Some.Noon.AddDays(2));

        Assert.Equal((Some.Noon.AddDays(2), Some.Noon.AddDays(1)), (endless.ExpiresAt, ending.ExpiresAt));
        Assert.Equal(("ijklmnop", "ijklmnop"), (endless.ReplacedBy, ending.ReplacedBy));
    }
}
