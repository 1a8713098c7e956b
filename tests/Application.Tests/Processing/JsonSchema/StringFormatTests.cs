using System.Text.Json;

namespace DataPipeline.Application.Tests.Processing.JsonSchema;

public class StringFormatTests
{
    private const string LongIPv6 = "1000:1000:1000:1000:1000:1000:255.255.255.255";

    [Theory]
    [InlineData("1963-06-19", "0001-01-01", "0000-02-29", "2020-02-29", "2000-02-29", "0400-02-29", "2021-01-31", "2021-04-30", "2021-12-31")]
    public void Date_OfTheCalendar_Matches(params string[] texts) => Matches("date", texts);

    [Theory]
    [InlineData("", "06/19/1963", "2013-350", "1998-1-20", "1998-01-1", "1998-13-01", "1998-00-01", "1998-01-00", "2021-02-29", "1900-02-29", "0100-02-29", "2021-04-31", "2021-01-32", "1963-06-1৪", "২963-06-1",
        "20230328", "2023-W01", "+2020-01-01", "-2020-01-01", "12020-01-01", "998-01-01", "2020-01-01Z", " 2020-01-01", "2020-01-01\n", "2020/01/01", "2020:01:01", "2020--1-01", "YYYY-01-01")]
    public void Date_AnythingElse_IsRefused(params string[] texts) => Refuses("date", texts);

    [Theory]
    [InlineData("08:30:06Z", "08:30:06z", "23:20:50.52Z", "08:30:06.283185Z", "00:59:59.999999999999999Z", "08:30:06+00:20", "08:30:06-08:00", "12:34:56-00:00", "23:59:60Z", "23:59:60.5Z", "23:59:60+00:00", "01:29:60+01:30",
        "23:29:60+23:30", "15:59:60-08:00", "00:29:60-23:30")]
    public void Time_WithOffset_Matches(params string[] texts) => Matches("time", texts);

    [Theory]
    [InlineData("", "12:00:00", "12:00:00.52", "12:00:00.Z", "08:30:06 PST", "01:01:01,1111", "24:00:00Z", "00:60:00Z", "00:00:61Z", "22:59:60Z", "23:58:60Z", "23:59:60+01:00", "23:59:60+00:30", "23:59:60-01:00", "23:59:60-00:30",
        "01:02:03+24:00", "01:02:03+00:60", "01:02:03Z+00:30", "008:030:006Z", "8:3:6Z", "8:0030:6Z", "08:30:06-8:000", "08:30:06+0130", "08:30:06+01", "08:30:06#00:20", "1২:00:00Z", "ab:cd:ef", "ab:cd:efZ", "08:30:06Z\n", "08-30-06Z",
        "2020-11-28T23:55:45Z", "08:30:06+ab:00")]
    public void Time_AnythingElse_IsRefused(params string[] texts) => Refuses("time", texts);

    [Theory]
    [InlineData("1963-06-19T08:30:06.283185Z", "1963-06-19t08:30:06z", "1937-01-01T12:00:27.87+00:20", "1990-12-31T15:59:50.123-08:00", "1998-12-31T23:59:60Z", "1998-12-31T15:59:60.123-08:00")]
    public void DateTime_WithOffset_Matches(params string[] texts) => Matches("date-time", texts);

    [Theory]
    [InlineData("", "1963-06-19", "08:30:06Z", "1963-06-19T", "1963-06-19 08:30:06Z", "1963-06-19T08:30:06", "1998-12-31T23:59:61Z", "1998-12-31T23:58:60Z", "1998-12-31T22:59:60Z", "1990-02-31T15:59:59.123-08:00", "1990-12-31T15:59:59-24:00",
        "1963-06-19T08:30:06.28123+01:00Z", "06/19/1963 08:30:06 PST", "2013-350T01:01:01", "1963-6-19T08:30:06.283185Z", "1963-06-1৪T00:00:00Z", "1963-06-11T0৪:00:00Z", "+11963-06-19T08:30:06.283185Z")]
    public void DateTime_AnythingElse_IsRefused(params string[] texts) => Refuses("date-time", texts);

    [Theory]
    [InlineData("2EB8AA08-AA98-11EA-B4AA-73B441D16380", "2eb8aa08-aa98-11ea-b4aa-73b441d16380", "00000000-0000-0000-0000-000000000000", "99c17cbb-656f-f64a-940f-1a4568f03487")]
    public void Uuid_WithHyphens_Matches(params string[] texts) => Matches("uuid", texts);

    [Theory]
    [InlineData("", "2eb8aa08-aa98-11ea-b4aa-73b441d1638", "2eb8aa08-aa98-11ea-73b441d16380", "2eb8aa08-aa98-11ea-b4ga-73b441d16380", "2eb8aa08aa9811eab4aa73b441d16380", "2eb8-aa08-aa98-11ea-b4aa73b44-1d16380", "2eb8aa08aa9811eab4aa73b441d16380----",
        "urn:uuid:2eb8aa08-aa98-11ea-b4aa-73b441d16380", "{2eb8aa08-aa98-11ea-b4aa-73b441d1638}")]
    public void Uuid_AnythingElse_IsRefused(params string[] texts) => Refuses("uuid", texts);

    [Theory]
    [InlineData("192.168.0.1", "0.0.0.0", "255.255.255.255", "87.10.0.1")]
    public void IPv4_FourOctets_Matches(params string[] texts) => Matches("ipv4", texts);

    [Theory]
    [InlineData("", "127.0.0.0.1", "256.256.256.256", "192.168.0.256", "127.0", "127.0.1", "0x7f000001", "0x7f.0.0.1", "2130706433", "087.10.0.1", "192.168.0.01", "1২7.0.0.1", "192.168.1.0/24", " 192.168.0.1", "192.168.0.1 ", "192.168.0.1\n", "192.168..1",
        ".192.168.0.1", "192.168.0.1.", "+1.2.3.4", "-1.2.3.4", "1e2.0.0.1", "192.168.0.1:80", "1111.1.1.1", "...")]
    public void IPv4_AnythingElse_IsRefused(params string[] texts) => Refuses("ipv4", texts);

    [Theory]
    [InlineData("::1", "::", "::abef", "::42:ff:1", "d6::", "1:d6::42", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::d6:192.168.0.1", "1:2::192.168.0.1", "::ffff:192.168.0.1", "::192.168.0.1", LongIPv6, "ABCD:EF01::")]
    public void IPv6_EightGroups_Matches(params string[] texts) => Matches("ipv6", texts);

    [Theory]
    [InlineData("", ":", ":::", "12345::", "::abcef", "1:1:1:1:1:1:1:1:1", "::laptop", ":2:3:4:5:6:7:8", "1:2:3:4:5:6:7:", ":2:3:4::8", "1::d6::42", "1::2:192.168.256.1", "1::2:192.168.ff.1", "1:2:3:4:5:::8", "1:2:3:4:5:6:7", "1", "127.0.0.1",
        "1:2:3:4:1.2.3", "  ::1", "::1  ", "fe80::/64", "fe80::a%eth1", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "100:100:100:100:100:100:100:255.255.255.255", "1:2:3:4:5:6:7:৪", "192.168.0.1::", "192.168.0.1::1", "::192.168.0.1:1", "::ffff:192.168.0.01", "[::1]")]
    public void IPv6_AnythingElse_IsRefused(params string[] texts) => Refuses("ipv6", texts);

    [Theory]
    [InlineData("joe.bloggs@example.com", "te~st@example.com", "~test@example.com", "test~@example.com", "te.s.t@example.com", "\"joe bloggs\"@example.com", "\"joe..bloggs\"@example.com", "\"joe@bloggs\"@example.com", "\"\"@iana.org", "\"\\\"\"@iana.org", "\"\\a\"@iana.org",
        "joe.bloggs@[127.0.0.1]", "joe.bloggs@[IPv6:::1]", "a@[ipv6:::1]", "test@io", "test@c--n.com", "test@123.com", "test@255.255.255.255", "a+b@c.d")]
    public void Email_Mailbox_Matches(params string[] texts) => Matches("email", texts);

    [Theory]
    [InlineData("", "2962", ".test@example.com", "test.@example.com", "te..st@example.com", "joe.bloggs@invalid=domain.com", "joe.bloggs@[127.0.0.300]", "a@[]", "a@[1.2.3]", "a@[::1]", "test@[1.2.3.4", "test@a[1.2.3.4]", "user1@oceania.org, user2@oceania.org",
        "\"Winston Smith\" <winston.smith@recdep.minitrue>", "@example.com", "joe.bloggs@", "joe bloggs@example.com", "aé@iana.org", "a@é.org", "a＠iana.org", "\"test\\©\"@iana.org", "\"é\"@iana.org", "test@iana.org\n", "a@iana.org ", " a@iana.org", "a\tb@iana.org", "\u007f@iana.org",
        "test\"@iana.org", "\"test\"test@iana.org", "\"test@iana.org", "\"test\\", "a@b@c.org", "test\\@test@iana.org", "[1.2.3.4]@iana.org", "test@-iana.org", "test@iana-.com", "test@.iana.org", "test@iana.org.", "test@iana..com", "a,b@iana.org", "a:b@iana.org", "a(b)@iana.org", "a@b(c).org", "\"a\"")]
    public void Email_AnythingElse_IsRefused(params string[] texts) => Refuses("email", texts);

    [Theory]
    [InlineData("http://foo.bar/?baz=qux#quux", "http://foo.com/blah_(wikipedia)_blah#cite-1", "http://foo.bar/?q=Test%20URL-encoded%20stuff", "http://xn--nw2a.xn--j6w193g/", "http://-.~_!$&'()*+,;=:%40:80%2f::::::@example.com", "http://223.255.255.254",
        "ftp://ftp.is.co.za/rfc/rfc1808.txt", "ldap://[2001:db8::7]/c=GB?objectClass?one", "mailto:John.Doe@example.com", "news:comp.infosystems.www.servers.unix", "tel:+1-816-555-1212", "urn:oasis:names:specification:docbook:dtd:xml:4.1.2",
        "http://999.999.999.999/", "http://a.com:", "http://a.com:999999999", "http://:80", "http://@a.com", "http://user@", "http://example.com.", "file:///etc/passwd", "http://[v1F.a:b]/", "http://[::1]:8080/", "a:", "a+b-c.d:/x", "http://a?b?c/d#e?f/g", "http://a.b/c//d")]
    public void Uri_WithScheme_Matches(params string[] texts) => Matches("uri", texts);

    [Theory]
    [InlineData("", "//foo.bar/?baz=qux#quux", "/abc", "\\\\WINDOWS\\fileshare", "abc", "http:// shouldfail.com", ":// should fail", "bar,baz:foo", "https://[@example.org/test.txt", "https://example.org/foobar®.txt", "https://example.org/foobar\\.txt",
        "https://example.org/foobar\".txt", "https://example.org/foobar<>.txt", "https://example.org/foobar{}.txt", "https://example.org/foobar^.txt", "https://example.org/foobar`.txt", "https://example.org/foo bar.txt", "https://example.org/foobar|.txt",
        "http://example.com/%6G", "http://example.com/%A", "http://example.com/%", "1http://example.com", "ht_tp://example.com", "http://example.com:abc/path", "http://a.com:8:0", "http://a.com::", "http://[::1", "http://[::1]x", "http://[1.2.3.4]", "http://[v.a]", "http://[v1.]", "http://[vg.a]",
        "http://[v1.a/b]", "http://[::ffff:192.168.0.01]/p", "http://a#b#c", "http://a?b[", "http://a/[b]", "http://a b@c", "http://a\n")]
    public void Uri_AnythingElse_IsRefused(params string[] texts) => Refuses("uri", texts);

    [Theory]
    [InlineData("date-time", "date", "time", "email", "uri", "uuid", "ipv4", "ipv6")]
    public void Format_OfOtherValuesThanStrings_IsNotAsked(params string[] formats)
    {
        foreach (var format in formats) Some.Matches($$"""{"format":"{{format}}"}""", "12 | 13.7 | {} | [] | false | null", "\"x\"");
    }

    private static void Matches(string format, string[] texts)
    {
        var schema = Some.Schema($$"""{"format":"{{format}}"}""");
        Assert.All(texts, text => Assert.True(schema.IsValid(Some.Value(JsonSerializer.Serialize(text))), $"{format} should take {text}"));
    }

    private static void Refuses(string format, string[] texts)
    {
        var schema = Some.Schema($$"""{"format":"{{format}}"}""");
        Assert.All(texts, text => Assert.False(schema.IsValid(Some.Value(JsonSerializer.Serialize(text))), $"{format} should refuse {text}"));
    }
}
