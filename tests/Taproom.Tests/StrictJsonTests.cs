using System.Text;
using System.Text.Json;
using CsCheck;
using Taproom.Reports;

namespace Taproom.Tests;

public sealed class StrictJsonTests
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = StrictJson.MaxDepth };

    [Fact]
    public void The_reader_agrees_with_a_plain_statement_of_the_rules()
    {
        var name = Gen.OneOf("a", "b", "volume", "\\u0061", "\\u0062", "\\ud83c\\udf7a", "\U0001F37A", "a\\n", "\\ud83c", "");
        var leaf = Gen.OneOf(
            "0",
            "-1.5e3",
            "1e308",
            "1e309",
            "-2E+400",
            "1e-400",
            "01",
            "1.",
            "true",
            "null",
            "nul",
            "\"\"",
            "\"\\u0000\"",
            "\"\\ud83c\\udf7a\"",
            "\"\\udf7a\\ud83c\"",
            "\"\\ud83cx\"",
            "\"\\\\ud83c\"",
            "\"\t\"",
            "\"Weißbier\"",
            "\"\\x\"",
            $"1{new string('0', 308)}",
            $"2{new string('0', 308)}",
            new string('[', 33) + new string(']', 33),
            new string('[', 28) + new string(']', 28)
        );
        var value = Gen.Recursive<string>(
            (depth, inner) =>
                depth > 4
                    ? leaf
                    : Gen.Frequency(
                        (3, leaf),
                        (
                            2,
                            Gen.Select(name, inner)
                                .Array[0, 4]
                                .Select(members => $"{{{string.Join(",", members.Select(one => $"\"{one.Item1}\":{one.Item2}"))}}}")
                        ),
                        (1, inner.Array[0, 3].Select(items => $"[{string.Join(", ", items)}]"))
                    )
        );
        var cut = Gen.Frequency((9, Gen.Const(0)), (1, Gen.Int[1, 5]));

        Gen.Select(value, cut, Gen.Frequency((9, Gen.Const("")), (1, Gen.OneOf(" ", "x", "{}", ","))))
            .Sample(
                (json, less, more) =>
                {
                    var utf8 = Encoding.UTF8.GetBytes(json[..^Math.Min(less, json.Length)] + more);
                    var (isValid, isObject) = Plainly(utf8);
                    return StrictJson.IsValid(utf8, out _) == isValid
                        && StrictJson.IsValidObject(utf8, out _) == isObject
                        && StrictJson.TryParse(utf8, out _, out var refusal) == refusal is null;
                },
                iter: 20_000
            );
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":1,"\u0061":2}""")]
    [InlineData("""[{"x":{"a":1,"b":[{"a":2}],"a":3}}]""")]
    [InlineData("""{"a":{"b":1},"a":{"b":2}}""")]
    [InlineData("""{"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0,"j":0,"k":0,"l":0,"m":0,"n":0,"o":0,"p":0,"q":0,"a":1}""")]
    [InlineData("""{"a":0,"x":{"\u0062":0},"a":1}""")]
    public void A_member_that_is_repeated_is_refused_however_deep_it_is_and_however_it_is_written(string json) =>
        Assert.False(StrictJson.IsValid(Encoding.UTF8.GetBytes(json), out _));

    [Theory]
    [InlineData("""{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}],"A":1}""")]
    public void The_same_name_in_several_objects_is_not_repeated(string json) => Assert.True(StrictJson.IsValid(Encoding.UTF8.GetBytes(json), out _));

    [Theory]
    [InlineData(StrictJson.MaxDepth, true)]
    [InlineData(StrictJson.MaxDepth + 1, false)]
    public void Objects_may_be_nested_so_deep_and_no_deeper(int depth, bool isValid)
    {
        var json = string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);

        Assert.Equal(isValid, StrictJson.IsValid(Encoding.UTF8.GetBytes(json), out _));
    }

    [Fact]
    public void Many_members_are_read_in_a_time_that_grows_as_they_do()
    {
        var members = Enumerable.Range(0, 200_000).Select(n => $"\"{n}\":0");
        var json = Encoding.UTF8.GetBytes($"{{{string.Join(",", members)}}}");

        Assert.True(StrictJson.IsValidObject(json, out _));
    }

    /// <summary>By the library's own documents, whose texts and numbers are then looked at one by one.</summary>
    private static (bool IsValid, bool IsObject) Plainly(byte[] utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Options);
            var isValid = IsRight(document.RootElement);
            return (isValid, isValid && document.RootElement.ValueKind is JsonValueKind.Object);
        }
        catch (Exception ex) when (ex is JsonException or InvalidOperationException)
        {
            return (false, false);
        }
    }

    private static bool IsRight(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.Object => json.EnumerateObject().All(member => member.Name is not null && IsRight(member.Value)),
            JsonValueKind.Array => json.EnumerateArray().All(IsRight),
            JsonValueKind.Number => double.IsFinite(json.GetDouble()),
            JsonValueKind.String => json.GetString() is not null,
            _ => true,
        };
}
