using System.Globalization;
using System.Text;

namespace DataPipeline.Benchmarks;

/// <summary>Orders of a web shop, about 260 bytes each; the same ones every time. Of a hundred, one is bad and five are cancelled.</summary>
internal static class Orders
{
    private static readonly string[] FirstNames = ["Ada", "Björn", "Chloé", "Dmitri", "Elif", "Fatima", "Giulia", "Haruto", "Ines", "Jonas"];
    private static readonly string[] LastNames = ["Berg", "Costa", "Dubois", "Eriksen", "Fischer", "García", "Hansen", "Ivanova", "Jansen", "Kowalski"];
    private static readonly string[] Currencies = ["eur", "usd", "gbp", "sek"];

    internal static byte[] AsNdJson(int first, int count, bool bad = true)
    {
        using var body = new MemoryStream();
        for (var i = first; i < first + count; i++) body.Write(Encoding.UTF8.GetBytes(Order(i, bad) + "\n"));
        return body.ToArray();
    }

    private static string Order(int i, bool bad)
    {
        var random = new Random(i);
        var name = $"{FirstNames[random.Next(10)]} {LastNames[random.Next(10)]}";
        var email = $"\"email\":\"{name.Replace(' ', '.')}@Example.com\"";
        var amount = string.Create(CultureInfo.InvariantCulture, $"\"{random.Next(100, 100_000) / 100m:F2}\"");
        var status = random.Next(100) < 5 ? "cancelled" : "paid";
        switch (bad ? i % 500 : 0)
        {
            case 17: amount = "\"to be agreed\""; break;
            case 117: email = "\"email\":null"; break;
            case 217: amount = "null"; break;
            case 317: email = "\"phone\":\"0170 555\""; break;
            case 417: return $"{{\"id\":\"ord-{i:D6}\",\"status\":\"{status}\",\"customer\":{{\"name\":\"{name}\",{email}}},\"amount\":{amount}";
        }
        var placed = new DateTime(2026, 1, 1, 8, 0, 0, DateTimeKind.Utc).AddSeconds(i * 7).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"id":"ord-{{i:D6}}","placedAt":"{{placed}}","status":"{{status}}","customer":{"id":{{random.Next(1_000, 10_000)}},"name":"{{name}}",{{email}}},"amount":{{amount}},"currency":"{{Currencies[random.Next(4)]}}","items":[{"sku":"A-{{random.Next(100, 1_000)}}","quantity":{{random.Next(1, 5)}}},{"sku":"B-{{random.Next(100, 1_000)}}","quantity":1}]}""");
    }
}
