// SPDX-License-Identifier: MIT OR Apache-2.0

//! RSA keys of forged license servers. They were generated with `openssl genrsa` for these tests
//! and protect nothing: both halves of each key are public.

/// A key pair, with its numbers in hexadecimal.
pub(crate) struct Key {
    pub(crate) modulus: &'static str,
    pub(crate) private: &'static str,
}

/// Public exponent of all keys.
pub(crate) const EXPONENT: u32 = 65_537;

/// Three keys of 1024 bits, one of 2048 as in the published tokens, and one of 512. The small keys
/// are first, since unoptimized tests sign often.
pub(crate) const KEYS: [Key; 5] = [
    Key {
        modulus: "\
             e40be20c26b98bfe307ff71e45f68359229ec4cbf8413c0b5e8fc281e3154ca930f89e37375070a1\
             06ac0f3f64a6a87cbcd728c4a97397a85f57350698418bfa71c1fd888429ff9a6f521579587e7b53\
             84bab037ab1f292a560a16bffdfcc8a228798bdcc870407625ba0ed514259091e01fbac23cfe37ed\
             abf67b4ccecef2f1",
        private: "\
             a0d1c47abf40707a34a7b994cecff677009428c292f3262dfa64b54db5dfca6d328cd1beacb27c8b\
             02528a7a3137da70051852b6c5ad2fd15c52faa108f4888a239847cb112151d814116d35bdee5e2f\
             d53631c92db6a37abcaece6182aeefd9c138d02a0dd97252e9d373a9746f92b3c681da474733a3e0\
             26ff53346aa7ce95",
    },
    Key {
        modulus: "\
             ac501ad6d7c522ede33219d5c6225e1eb1457cc1d3a67b1a82e929f4aed0f49aeed82ac8d7f0dd2d\
             85f77d3044bd431cb38ac1777439e32aa53c19a75bd87935d807bc24e88f832b57b84aa142054b30\
             3109ac6c49866e5f1d60acef7e6dfdb808ed21a30fc5b86030419f025ce6584e806be7bfec359430\
             f8c6e7cf93abb6f9",
        private: "\
             8754766fcb90a16931e9744ee7c8b020ecdb052b795da40b634b5a4f38491602e498d3a95fa7651e\
             4ebbdc0f5fbd410b369b406cdfd462ec684f765a7190e7482f65e11df85928cab36b1c1398e145a1\
             aade569752430b303b1f22736caf70c2666f987e65c54313162b2f3ed13efad2aa12ab9681d11d43\
             e230ea206f4e0f9d",
    },
    Key {
        modulus: "\
             d8c9f70d345d9f8f8ab0f53e96700c963c8b8db78b60fa6a26159020aa0b927eb305bb1f6fe76b91\
             d52cb6ba6a9f0c4268c29b9ff580abe63d450fe0e819f37703a96f3adb5f78717fb74bffc059fc6b\
             860ee48618af2f2e59fa57cc624bfd6d505268e0b9a9c8323bc5a822be9438e6860787868b0fd0ef\
             c5e3144fffe76cff",
        private: "\
             b3f1400d47d0066761196d171c4bb946e2ce7b3d4485a495833316c4e62060e2a5ba360dec16cce4\
             e96b09e94622ea4c1d249b847484ef2a56e5023f0ea8abba30a699cc1b17f9826101875177b4cbfe\
             55be70b16c535d737392698bc17ab592bb0726f47bd5dca1891b2e9e84d97eff54e148d098dd4225\
             6f4498bda71b7001",
    },
    Key {
        modulus: "\
             c70bb4d24651f1ef0fe142f4413a01280b404f498728925e4282b02f67e5268ad9bb68e5745d6def\
             a1d1d80ca4d4698532248240031eb1a06550a94b32c9c780a737e3f25e94f49df5548974f5303692\
             2d4bb186ef933a567182958d6e5a597b81bd7ad4ff65e84aa149349115ac3378708f810e448470b1\
             d2daee01aec63e1a3b42967b53c598007f2c225c3c0249d881339bd6d9e881fa6674a102512debc4\
             d574445630c41186d34b33b120b73de78cf62c0eca5ec9a5a257b6526efbc12c50864c4a362c65c6\
             b3d4f40ec632516952ae7c7587ef6a3dc05f6fb7cb330f502aab28f0919a5a372ac2755e6f1794c7\
             9915b30e1b15543d66faf8ac17aeb883",
        private: "\
             119dcb51a6f69eb346edd2377c912df738d3b390be16b34339d254a2f8a85300d8ca99bafab7d9c0\
             8464ccd438d931dd391c61158d112346d260b77fd7cd62ff207402612d3001292fc476b8c123c7f2\
             41d8a045c7b9c62db50189febbf7e0eb5ced1d4c3e146b6101f1ea99690b894973aa7af7b099bc8d\
             a2128082b69d860ccd2279d0aa8946038413d9d3ecf72d4555206cf963f2983ae4e31851693a3e24\
             3c3c0557442bd2cabc6a879b10a24250e3e3da03dcefba13f643fe6689f25d2257b1d0c40ed859d1\
             96e884da693c336201e627317f38fb4f068c8ca69ec6ec4c6e6fb87f9ad791c1995039161aae88d0\
             555c0b630f15f6270c3833f70740cf8d",
    },
    Key {
        modulus: "\
             c4bf0820c041199841f77e8cf29bf60e0bd8b0d7db1432626a457dd7993a6241a6da964290df61cf\
             5c0a24499f478d8e582855e2cfc29f4744637c6adaaf0815",
        private: "\
             2d3608d41dd9d7dbd92cda73e13c5daa94a652dd0786f89d0cf6b3185c29c2721493ab2959f198e9\
             cfd7510e04d769e6842bacdd29f7373f6eb845186612f781",
    },
];
