//! Personal numbers as they are shown: enough to recognise, too little to use.

/// `138****5678`; short numbers keep their last two digits.
#[must_use]
pub fn mask_phone(phone: &str) -> String {
    mask(phone, 3, 4)
}

/// `510***********1234` keeps the region's digits and the last four.
#[must_use]
pub fn mask_id_number(id_number: &str) -> String {
    mask(id_number, 3, 4)
}

fn mask(text: &str, head: usize, tail: usize) -> String {
    let length = text.chars().count();
    let (head, tail) = if length >= head + tail + 3 { (head, tail) } else { (0, 2.min(length)) };
    text.chars()
        .enumerate()
        .map(|(place, letter)| if place < head || place >= length - tail { letter } else { '*' })
        .collect()
}

/// Surnames of two signs, as far as people here bear them.
const COMPOUND: [&str; 28] = [
    "欧阳", "上官", "司马", "司徒", "司空", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐", "东方", "东郭",
    "西门", "南宫", "端木", "轩辕", "钟离", "宇文", "长孙", "鲜于", "闻人", "呼延", "独孤", "百里", "赫连", "澹台",
];

/// What neighbours see of a name: the surname (`王`, `欧阳`), or its first sign where that is none.
#[must_use]
pub fn surname(name: &str) -> String {
    let signs = name.chars().count();
    match COMPOUND.iter().find(|compound| signs > 2 && name.starts_with(**compound)) {
        Some(compound) => (*compound).to_owned(),
        None => name.chars().take(1).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_masked() {
        assert_eq!(mask_phone("13812345678"), "138****5678");
        assert_eq!(mask_phone("8665"), "**65");
        assert_eq!(mask_phone(""), "");
        assert_eq!(mask_id_number("510102195603021234"), "510***********1234");
    }

    #[test]
    fn of_a_name_the_surname_is_left() {
        for (name, expected) in [
            ("王秀英", "王"),
            ("王芳", "王"),
            ("欧阳海超", "欧阳"),
            ("钟离悦", "钟离"),
            ("东方", "东"),
            ("买买提·吐尔逊", "买"),
            ("John Smith", "J"),
            ("", ""),
        ] {
            assert_eq!(surname(name), expected, "{name}");
        }
    }
}
