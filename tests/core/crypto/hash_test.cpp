#include "core/crypto/hash.hpp"

#include <thread>
#include <vector>

#include <catch2/catch.hpp>

namespace tally::core::crypto {
namespace {

std::string hex(const Digest& digest) { return to_hex(digest.bytes); }

TEST_CASE("sha256: vectors of FIPS 180-4 and of another implementation, around the block's edges", "[core][crypto]") {
  CHECK(hex(sha256(as_bytes("abc"))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  const auto [count, expected] = GENERATE(table<std::size_t, std::string>({
      {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
      {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
      {63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
      {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
      {65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
      {1000, "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"},
  }));
  const std::string text(count, 'a');
  CHECK(hex(sha256(as_bytes(text))) == expected);
  Sha256Stream stream;
  for (const char character : text) stream.update(as_bytes(std::string_view{&character, 1}));
  CHECK(hex(stream.finish()) == expected);
}

TEST_CASE("sha256: parts are hashed as one text", "[core][crypto]") {
  CHECK(sha256({as_bytes("a"), {}, as_bytes("bc")}) == sha256(as_bytes("abc")));
  CHECK(sha256({}) == sha256(ByteView{}));
}

TEST_CASE("hmac: vectors of RFC 4231", "[core][crypto]") {
  const std::string key(20, '\x0b');
  CHECK(hex(hmac_sha256(as_bytes(key), {as_bytes("Hi There")})) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hex(hmac_sha256(as_bytes("Jefe"), {as_bytes("what do ya want "), as_bytes("for nothing?")})) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const std::string long_key(131, '\xaa');
  CHECK(hex(hmac_sha256(as_bytes(long_key), {as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")})) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("hkdf: vectors of RFC 5869", "[core][crypto]") {
  const auto bytes_from = [](int first, std::size_t count) {
    Bytes bytes(count);
    for (std::size_t index = 0; index < count; ++index)
      bytes[index] = static_cast<std::uint8_t>(first + static_cast<int>(index));
    return bytes;
  };
  const auto derived = [](ByteView secret, ByteView salt, ByteView label, std::size_t count) {
    Bytes out(count);
    hkdf_sha256(secret, salt, label, out);
    return to_hex(out);
  };
  const Bytes secret(22, 0x0b);
  CHECK(derived(secret, bytes_from(0, 13), bytes_from(0xf0, 10), 42) ==
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  CHECK(derived(bytes_from(0, 80), bytes_from(0x60, 80), bytes_from(0xb0, 80), 82) ==
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
        "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  CHECK(derived(secret, {}, {}, 42) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
  CHECK(derived(secret, {}, {}, 0).empty());
}

TEST_CASE("sha256: two streams and the thread's own hash do not mix", "[core][crypto]") {
  Sha256Stream left;
  Sha256Stream right;
  left.update(as_bytes("a"));
  right.update(as_bytes("x"));
  CHECK(sha256(as_bytes("abc")) == sha256(as_bytes("abc")));
  left.update(as_bytes("bc"));
  Sha256Stream moved = std::move(left);
  CHECK(moved.finish() == sha256(as_bytes("abc")));
  CHECK(right.finish() == sha256(as_bytes("x")));
}

TEST_CASE("sha256: many threads at once", "[core][crypto]") {
  const Digest expected = sha256(as_bytes("abc"));
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (int& count : wrong) {
    threads.emplace_back([&count, &expected] {
      for (int i = 0; i < 2'000; ++i) count += sha256(as_bytes("abc")) == expected ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
}

}  // namespace
}  // namespace tally::core::crypto
