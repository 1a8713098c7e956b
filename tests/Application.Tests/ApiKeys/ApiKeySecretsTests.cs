using System.Security.Cryptography;
using System.Text;
using CsCheck;
using DataPipeline.Infrastructure.Security;

namespace DataPipeline.Application.Tests.ApiKeys;

public sealed class ApiKeySecretsTests
{
    private readonly ApiKeySecrets _secrets = new();

    [Fact]
    public void AKey_IsReadBack_WithItsPrefixAndHash()
    {
        var key = _secrets.Generate();

        Assert.Matches("^dpk_[0-9A-Za-z]{49}$", key.Key);
        Assert.Equal(key.Key.Substring(4, 8), key.Prefix);
        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(key.Key)), key.Hash);
        Assert.Equal((key.Key, key.Prefix), (_secrets.Read(key.Key)!.Key, _secrets.Read(key.Key)!.Prefix));
    }

    [Fact]
    public void Checksum_IsTheCrc32OfTheRandomPart_InBase62() =>
        Assert.NotNull(_secrets.Read("dpk_DevelopmentOnlyNeverUseThisKeyAnywhereElse03mnxNA"));

    [Fact]
    public void AKey_WithOneOtherCharacter_IsNone() => Gen.Select(Gen.Int[0, 52], Gen.Char).Sample((at, other) =>
    {
        var key = _secrets.Generate().Key;
        return key[at] == other || _secrets.Read(key[..at] + other + key[(at + 1)..]) is null;
    });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("dpk_")]
    [InlineData("DPK_DevelopmentOnlyNeverUseThisKeyAnywhereElse03mnxNA")]
    [InlineData("dpk_DevelopmentOnlyNeverUseThisKeyAnywhereElse03mnxNA ")]
    public void AnyOtherText_IsNoKey(string? text) => Assert.Null(_secrets.Read(text));
}
