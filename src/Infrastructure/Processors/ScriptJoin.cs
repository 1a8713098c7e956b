using System.Text;
using Jint;
using Jint.Native;
using Jint.Native.Object;
using Jint.Runtime;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>Makes text of arrays as <c>Array.prototype.join</c> does, and looks at the script's limits on the way: an array may hold others many times over.</summary>
internal sealed class ScriptJoin
{
    private const int ElementsBetweenLooks = 256;

    private readonly Engine _engine;
    private readonly int _maxLength;

    /// <summary>The arrays that are being joined. One that holds itself is empty there.</summary>
    private readonly HashSet<ObjectInstance> _open = new(ReferenceEqualityComparer.Instance);

    private ScriptJoin(Engine engine, int memory) => (_engine, _maxLength) = (engine, memory / sizeof(char));

    internal static void Install(Engine engine, int memory)
    {
        var join = new ScriptJoin(engine, memory);
        var prototype = ScriptGuards.PrototypeOf(engine, "Array");
        ScriptGuards.Replace(prototype, "join", engine, (self, arguments) => join.Join(self, arguments is [var separator, ..] && !separator.IsUndefined() ? ScriptGuards.Text(arguments, 0) : ","));
        foreach (var name in new[] { "toString", "toLocaleString" }) ScriptGuards.Replace(prototype, name, engine, (self, _) => join.Join(self, ","));
    }

    private JsValue Join(JsValue self, string separator)
    {
        _engine.Constraints.Check();
        if (self is not ObjectInstance list) throw new ScriptRefusedException("join is for arrays and what is like one.");
        if (!_open.Add(list)) return JsString.Empty;
        try
        {
            var text = new StringBuilder();
            var length = list is JsArray array ? array.Length : TypeConverter.ToLength(list.Get("length"));
            for (ulong i = 0; i < length; i++)
            {
                if (i % ElementsBetweenLooks == ElementsBetweenLooks - 1) _engine.Constraints.Check();
                if (i > 0) text.Append(separator);
                var element = list is JsArray ? list.Get((int)i) : list.Get(JsNumber.Create((double)i));
                if (!element.IsNull() && !element.IsUndefined()) text.Append(TypeConverter.ToString(element));
                if (text.Length > _maxLength) throw new ScriptMemoryException("join");
            }

            return text.ToString();
        }
        finally
        {
            _open.Remove(list);
        }
    }
}
