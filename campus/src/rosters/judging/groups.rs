//! The groups of residents that community education reports on.

/// A group of residents, as rosters name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// 老年人
    Elderly,
    /// 青少年
    Youth,
    /// 在职职工
    Employed,
    /// 外来务工人员
    MigrantWorker,
    /// 下岗失业人员
    Unemployed,
    /// 残疾人
    Disabled,
    /// 退役军人
    Veteran,
}

impl Group {
    /// The stable code for the API and the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Elderly => "elderly",
            Self::Youth => "youth",
            Self::Employed => "employed",
            Self::MigrantWorker => "migrant_worker",
            Self::Unemployed => "unemployed",
            Self::Disabled => "disabled",
            Self::Veteran => "veteran",
        }
    }
}

/// Parts of the words that name a group; the first that fits counts, so that 外来务工 is not
/// taken for 职工.
const NAMES: [(Group, &[&str]); 7] = [
    (Group::MigrantWorker, &["外来", "务工", "农民工", "进城", "流动人口"]),
    (Group::Unemployed, &["下岗", "失业", "待业", "无业"]),
    (Group::Veteran, &["退役", "退伍", "复员", "转业军"]),
    (Group::Disabled, &["残疾", "残障"]),
    (Group::Elderly, &["老年", "老人", "长者", "退休"]),
    (Group::Youth, &["青少年", "少年", "儿童", "学生", "未成年"]),
    (Group::Employed, &["在职", "职工", "在岗"]),
];

/// The known groups in a text such as `老年人、残疾人`, each once, in the order written.
pub fn groups_in(text: &str) -> Vec<Group> {
    let mut groups = Vec::new();
    for part in text.split(['、', ',', ';', '/', '|', '+', '，', '；', ' ', '\n']) {
        let group =
            NAMES.iter().find(|(_, names)| names.iter().any(|name| part.contains(name))).map(|(group, _)| *group);
        if let Some(group) = group.filter(|group| !groups.contains(group)) {
            groups.push(group);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_by_their_usual_names() {
        assert_eq!(groups_in("老年人"), [Group::Elderly]);
        assert_eq!(groups_in("外来务工人员"), [Group::MigrantWorker]);
        assert_eq!(groups_in("在职职工"), [Group::Employed]);
        assert_eq!(groups_in("老年人、残疾人，老人"), [Group::Elderly, Group::Disabled]);
        assert_eq!(groups_in(""), []);
        assert_eq!(groups_in("其他"), []);
    }
}
